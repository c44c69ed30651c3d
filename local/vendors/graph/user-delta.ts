/** `GET /users/delta` (Microsoft Graph, "user: delta" and "Use delta query to track changes in Microsoft Graph data"). */
import type { Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../clock/clock.ts';
import type { Directory, DirectoryUser, UserChange } from '../entra/directory.ts';
import type { Collection, VendorData } from '../vendor-data.ts';
import { demand, type GraphEnv } from './access.ts';
import { badRequest, GraphError, graphErrorResponse } from './graph-error.ts';
import { properties, readPermissions, selected } from './user-routes.ts';

const pageSize = 200;
const lifeMs = 7 * 24 * 60 * 60 * 1000;
const options: ReadonlySet<string> = new Set(['$select', '$deltatoken', '$skiptoken']);

/** What a link carries: opaque to whoever follows it. */
const tokenSchema = z.object({
  tenantId: z.string(),
  /** The last change that was told. */
  position: z.int(),
  /** Whether everybody is being told, in whole and nobody as removed. */
  isFirst: z.boolean(),
  names: z.array(z.string()),
  issuedAt: z.int(),
  /** Which of the tenant's links it is of; those of earlier generations are good no more. */
  generation: z.int(),
});
type Token = z.infer<typeof tokenSchema>;

/** Which links are good. */
export class DeltaLinks {
  readonly #clock: Clock;
  readonly #generations: Collection<number>;

  constructor(clock: Clock, data: VendorData) {
    this.#clock = clock;
    this.#generations = data.collection<number>('deltaGenerations');
  }

  /** Every link of a tenant is good no more. */
  expire(tenantId: string): void {
    this.#generations.put(tenantId, this.#generationOf(tenantId) + 1);
  }

  issue(token: Omit<Token, 'issuedAt' | 'generation'>): string {
    const generation = this.#generationOf(token.tenantId);
    const issued: Token = { ...token, issuedAt: this.#clock.now(), generation };
    return Buffer.from(JSON.stringify(issued)).toString('base64url');
  }

  /** Undefined when it is too old. @throws GraphError 400 for what is no token of the tenant's */
  read(text: string, tenantId: string): Token | undefined {
    const token = parse(text);
    if (token?.tenantId !== tenantId) throw badRequest('Badly formed token.');
    const isOld = token.issuedAt + lifeMs <= this.#clock.now();
    return isOld || token.generation !== this.#generationOf(tenantId) ? undefined : token;
  }

  #generationOf(tenantId: string): number {
    return this.#generations.get(tenantId) ?? 0;
  }
}

function parse(text: string): Token | undefined {
  try {
    return tokenSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data;
  } catch {
    // What is no JSON is no token.
    return undefined;
  }
}

interface Parts {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly deltaLinks: DeltaLinks;
}

export function userDeltaRoutes(
  app: Hono<GraphEnv>,
  { clock, directory, deltaLinks }: Parts,
  url: () => string,
): void {
  app.get('/users/delta', (c) => {
    demand(c.get('caller'), readPermissions, 'Authorization_RequestDenied');
    const { tenantId } = c.get('caller');
    const names = selected(c, options);
    const link = (name: string, token: string): string => `${url()}/v1.0/users/delta?$${name}=${token}`;
    const given = c.req.query('$skiptoken') ?? c.req.query('$deltatoken');
    const isLatest = given === 'latest';
    const token =
      given === undefined || isLatest
        ? { tenantId, position: isLatest ? directory.sequence : 0, isFirst: true, names: [...names] }
        : deltaLinks.read(given, tenantId);
    if (token === undefined) {
      const error = new GraphError(410, 'syncStateNotFound', 'The sync state generation is not found.');
      const gone = graphErrorResponse(error, clock.now());
      gone.headers.set('location', `${url()}/v1.0/users/delta?$select=${names.join(',')}`);
      return gone;
    }
    const changes = directory.changesSince(tenantId, token.position, pageSize);
    const position = changes.at(-1)?.sequence ?? token.position;
    const isLast = changes.length < pageSize;
    const next = deltaLinks.issue({ ...token, position, isFirst: token.isFirst && !isLast });
    return c.json({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users',
      ...(isLast
        ? { '@odata.deltaLink': link('deltatoken', next) }
        : { '@odata.nextLink': link('skiptoken', next) }),
      value: changes.flatMap((change) => told(change, token)),
    });
  });
}

/** Properties that are called otherwise in the directory. */
const sources: Readonly<Record<string, keyof DirectoryUser>> = {
  id: 'userId',
  assignedPlans: 'licensed',
  userType: 'guest',
};

/** At first all that is set; later only what has changed, as Graph may. */
function told(
  { userId, user, changed }: UserChange,
  { isFirst, names }: Pick<Token, 'isFirst' | 'names'>,
): object[] {
  if (user === undefined) return isFirst ? [] : [{ id: userId, '@removed': { reason: 'changed' } }];
  const isWhole = isFirst || changed.includes('userId');
  const all = properties(user);
  const isTold = (name: string): boolean =>
    isWhole ? all[name] !== null : changed.includes(sources[name] ?? name);
  return [{ id: userId, ...Object.fromEntries(names.filter(isTold).map((name) => [name, all[name]])) }];
}
