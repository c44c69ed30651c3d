/** Reading and writing presence (Microsoft Graph v1.0, "presence resource type" and its methods). */
import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { Directory, DirectoryUser } from '../entra/directory.ts';
import type { Caller } from '../entra/tokens.ts';
import { demand, readBody, type GraphEnv } from './access.ts';
import { badRequest, GraphError } from './graph-error.ts';
import { durationMs, isPreferable, isSettable, preferredLifeMs } from './presence-rules.ts';
import type { Presences, ShownPresence } from './presences.ts';
import type { Throttle } from './throttle.ts';

export interface PresenceParts {
  readonly directory: Directory;
  readonly presences: Presences;
  readonly throttle: Throttle;
  /** Whether Graph tells sequence numbers. */
  readonly sequenceNumbers: boolean;
}

const readAll = {
  delegated: ['Presence.Read.All'],
  application: ['Presence.Read.All', 'Presence.ReadWrite.All'],
};
const readOwn = {
  delegated: ['Presence.Read', 'Presence.Read.All', 'Presence.ReadWrite'],
  application: [],
};
const write = { delegated: ['Presence.ReadWrite'], application: ['Presence.ReadWrite.All'] };
const maxIds = 650;

const idsBody = z.strictObject({ ids: z.array(z.string()).min(1).max(maxIds) });
const setBody = z.strictObject({
  sessionId: z.string(),
  availability: z.string(),
  activity: z.string(),
  expirationDuration: z.string().nullish(),
});
const clearBody = z.strictObject({ sessionId: z.string() });
const preferredBody = setBody.omit({ sessionId: true });
const emptyBody = z.strictObject({});

export function presenceRoutes(app: Hono<GraphEnv>, parts: PresenceParts): void {
  for (const path of [
    '/communications/getPresencesByUserId',
    '/communications/presences/*',
    '/users/:id/presence/*',
    '/me/presence',
  ]) {
    app.use(path, (c, next) => {
      const used = parts.throttle.spend('presence', c.get('caller'));
      if (used >= 0.8) c.header('x-ms-throttle-limit-percentage', used.toFixed(2));
      return next();
    });
  }
  readRoutes(app, parts);
  sessionRoutes(app, parts);
  preferredRoutes(app, parts);
}

function readRoutes(app: Hono<GraphEnv>, parts: PresenceParts): void {
  app.post('/communications/getPresencesByUserId', async (c) => {
    demand(c.get('caller'), readAll);
    const { ids } = await readBody(c, idsBody);
    const { tenantId } = c.get('caller');
    const users = [...new Set(ids.map((id) => id.toLowerCase()))].map((id) => parts.directory.user(id));
    const known = users.filter((user) => user?.tenantId === tenantId).filter((user) => user !== undefined);
    return c.json({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#Collection(microsoft.graph.presence)',
      value: known.map(({ userId }) => presenceBody(parts, parts.presences.show(userId))),
    });
  });
  const one = (c: Context<GraphEnv>, id: string): Response => {
    if (Object.keys(c.req.query()).length > 0) throw badRequest('Query options are not supported here.');
    const caller = c.get('caller');
    demand(caller, isOwn(caller, id) ? readOwn : readAll);
    const { userId } = userOf(parts.directory, caller, id);
    const context = `https://graph.microsoft.com/v1.0/$metadata#users('${userId}')/presence/$entity`;
    return c.json({ '@odata.context': context, ...presenceBody(parts, parts.presences.show(userId)) });
  };
  app.get('/communications/presences/:id', (c) => one(c, c.req.param('id')));
  app.get('/users/:id/presence', (c) => one(c, c.req.param('id')));
  app.get('/me/presence', (c) => {
    const caller = c.get('caller');
    if (caller.kind !== 'user')
      throw badRequest('/me request is only valid with delegated authentication flow.');
    return one(c, caller.userId);
  });
}

function sessionRoutes(app: Hono<GraphEnv>, { directory, presences }: PresenceParts): void {
  app.post('/users/:id/presence/setPresence', async (c) => {
    const { userId, clientId } = writable(directory, c.get('caller'), c.req.param('id'));
    const body = await readBody(c, setBody);
    checkSession(body.sessionId, clientId);
    if (!isSettable(body))
      throw invalid(`Availability ${body.availability} with activity ${body.activity} is not supported.`);
    const lifeMs = durationMs(body.expirationDuration ?? 'PT5M');
    if (lifeMs === undefined || lifeMs < 5 * 60_000 || lifeMs > 4 * 3_600_000) {
      throw invalid('ExpirationDuration must be from PT5M to PT4H.');
    }
    const { availability, activity } = body;
    presences.setSession(userId, clientId, { availability, activity }, lifeMs);
    return c.body(null, 200);
  });
  app.post('/users/:id/presence/clearPresence', async (c) => {
    const { userId, clientId } = writable(directory, c.get('caller'), c.req.param('id'));
    const { sessionId } = await readBody(c, clearBody);
    checkSession(sessionId, clientId);
    if (presences.clearSession(userId, clientId)) return c.body(null, 200);
    throw new GraphError(404, 'NotFound', 'The presence session was not found.');
  });
}

function preferredRoutes(app: Hono<GraphEnv>, { directory, presences }: PresenceParts): void {
  app.post('/users/:id/presence/setUserPreferredPresence', async (c) => {
    const { userId } = writable(directory, c.get('caller'), c.req.param('id'));
    const { availability, activity, expirationDuration } = await readBody(c, preferredBody);
    if (!isPreferable({ availability, activity })) {
      throw invalid(`Availability ${availability} with activity ${activity} is not supported.`);
    }
    const lifeMs =
      expirationDuration == null ? preferredLifeMs(availability) : durationMs(expirationDuration);
    if (lifeMs === undefined || lifeMs <= 0) throw invalid('ExpirationDuration is not a duration.');
    presences.setPreferred(userId, { availability, activity }, lifeMs);
    return c.body(null, 200);
  });
  app.post('/users/:id/presence/clearUserPreferredPresence', async (c) => {
    const { userId } = writable(directory, c.get('caller'), c.req.param('id'));
    await readBody(c, emptyBody);
    presences.clearPreferred(userId);
    return c.body(null, 200);
  });
}

/** A presence as Graph returns it to others. */
export function presenceBody(
  { sequenceNumbers }: Pick<PresenceParts, 'sequenceNumbers'>,
  { userId, availability, activity, sequence }: ShownPresence,
): object {
  return {
    id: userId,
    availability,
    activity,
    statusMessage: null,
    workLocation: null,
    outOfOfficeSettings: { message: null, isOutOfOffice: activity.toLowerCase() === 'outofoffice' },
    ...(sequenceNumbers ? { sequenceNumber: sequenceNumber(sequence) } : {}),
  };
}

/** Sorts as text in the order of the changes. */
export function sequenceNumber(sequence: number): string {
  return `A${String(sequence).padStart(10, '0')}`;
}

function isOwn(caller: Caller, id: string): boolean {
  return caller.kind === 'user' && caller.userId === id.toLowerCase();
}

function userOf(directory: Directory, caller: Caller, id: string): DirectoryUser {
  const user = directory.user(id);
  if (user?.tenantId === caller.tenantId) return user;
  throw new GraphError(404, 'NotFound', `The user ${id} was not found.`);
}

function writable(directory: Directory, caller: Caller, id: string): { userId: string; clientId: string } {
  demand(caller, write);
  if (caller.kind === 'user' && !isOwn(caller, id)) {
    throw new GraphError(403, 'Forbidden', 'Cannot set the presence of another user.');
  }
  return { userId: userOf(directory, caller, id).userId, clientId: caller.clientId };
}

function checkSession(sessionId: string, clientId: string): void {
  if (sessionId.toLowerCase() !== clientId)
    throw invalid('SessionId must be the id of the calling application.');
}

function invalid(message: string): GraphError {
  return new GraphError(400, 'InvalidArgument', message);
}
