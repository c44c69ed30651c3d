/** `/subscriptions` for presence (Microsoft Graph v1.0, "subscription resource type" and its methods). */
import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import type { Clock } from '../../clock/clock.ts';
import type { Caller } from '../entra/tokens.ts';
import { demand, readBody, type GraphEnv } from './access.ts';
import { GraphError } from './graph-error.ts';
import { validateUrl } from './handshake.ts';
import type { Notifier } from './notifier.ts';
import {
  creationBody,
  grantedExpiry,
  renewalBody,
  watchedIds,
  type CreationBody,
} from './subscription-rules.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';
import type { Throttle } from './throttle.ts';

export interface SubscriptionParts {
  readonly clock: Clock;
  readonly subscriptions: Subscriptions;
  readonly notifier: Notifier;
  readonly throttle: Throttle;
}

type UserCaller = Extract<Caller, { kind: 'user' }>;

const metadata = 'https://graph.microsoft.com/v1.0/$metadata#subscriptions';

export function subscriptionRoutes(app: Hono<GraphEnv>, parts: SubscriptionParts): void {
  const { subscriptions, throttle } = parts;
  app.post('/subscriptions', async (c) => {
    throttle.spend('subscriptionWrite', c.get('caller'));
    const made = await create(parts, watcher(c.get('caller')), await readBody(c, creationBody));
    return c.json({ '@odata.context': `${metadata}/$entity`, ...body(made) }, 201);
  });
  app.get('/subscriptions', (c) => {
    throttle.spend('subscriptionList', c.get('caller'));
    const caller = watcher(c.get('caller'));
    const own = subscriptions.list((each) => isOwn(each, caller));
    return c.json({ '@odata.context': metadata, value: own.map(body) });
  });
  app.get('/subscriptions/:id', (c) => {
    throttle.spend('subscriptionRead', c.get('caller'));
    const found = own(parts, watcher(c.get('caller')), c.req.param('id'));
    return c.json({ '@odata.context': `${metadata}/$entity`, ...body(found) });
  });
  app.patch('/subscriptions/:id', async (c) => {
    throttle.spend('subscriptionWrite', c.get('caller'));
    const caller = watcher(c.get('caller'));
    const asked = await readBody(c, renewalBody);
    const renewed = await renew(parts, { caller, id: c.req.param('id') }, asked);
    return c.json({ '@odata.context': `${metadata}/$entity`, ...body(renewed) });
  });
  app.post('/subscriptions/:id/reauthorize', (c) => {
    throttle.spend('subscriptionReauthorize', c.get('caller'));
    const caller = watcher(c.get('caller'));
    const found = own(parts, caller, c.req.param('id'));
    reauthorize(parts, { ...found, authorizedUntil: caller.expiresAt });
    return c.body(null, 204);
  });
  app.delete('/subscriptions/:id', (c) => {
    throttle.spend('subscriptionWrite', c.get('caller'));
    const { id } = own(parts, watcher(c.get('caller')), c.req.param('id'));
    subscriptions.remove(id);
    return c.body(null, 204);
  });
}

async function create(
  parts: SubscriptionParts,
  caller: UserCaller,
  asked: CreationBody,
): Promise<Subscription> {
  const ids = watchedIds(asked.resource);
  grantedExpiry(asked.expirationDateTime, parts.clock.now());
  refuseSecond(parts.subscriptions, caller);
  await validateUrl(parts.clock, asked.notificationUrl);
  if (asked.lifecycleNotificationUrl != null) await validateUrl(parts.clock, asked.lifecycleNotificationUrl);
  // Another one may have been made during the handshake.
  refuseSecond(parts.subscriptions, caller);
  const isRich = asked.includeResourceData === true;
  const made = {
    id: randomUUID(),
    tenantId: caller.tenantId,
    clientId: caller.clientId,
    creatorId: caller.userId,
    resource: asked.resource,
    watchedIds: ids,
    notificationUrl: asked.notificationUrl,
    lifecycleNotificationUrl: asked.lifecycleNotificationUrl ?? undefined,
    clientState: asked.clientState ?? undefined,
    latestSupportedTlsVersion: asked.latestSupportedTlsVersion ?? 'v1_2',
    audience: asked.notificationUrlAppId ?? caller.clientId,
    certificate: isRich
      ? { id: asked.encryptionCertificateId ?? '', der: asked.encryptionCertificate ?? '' }
      : undefined,
    expiresAt: grantedExpiry(asked.expirationDateTime, parts.clock.now()),
    authorizedUntil: caller.expiresAt,
  };
  parts.subscriptions.put(made);
  return made;
}

async function renew(
  parts: SubscriptionParts,
  { caller, id }: { caller: UserCaller; id: string },
  asked: { expirationDateTime?: string | undefined; notificationUrl?: string | undefined },
): Promise<Subscription> {
  own(parts, caller, id);
  if (asked.notificationUrl !== undefined) await validateUrl(parts.clock, asked.notificationUrl);
  const found = own(parts, caller, id);
  const { expirationDateTime, notificationUrl = found.notificationUrl } = asked;
  const expiresAt =
    expirationDateTime === undefined ? found.expiresAt : grantedExpiry(expirationDateTime, parts.clock.now());
  const renewed = { ...found, notificationUrl, expiresAt, authorizedUntil: caller.expiresAt };
  reauthorize(parts, renewed);
  return renewed;
}

function reauthorize({ subscriptions, notifier }: SubscriptionParts, subscription: Subscription): void {
  subscriptions.put(subscription);
  notifier.resume(subscription);
}

/** Presence is watched for a signed-in user only. @throws GraphError 403 */
function watcher(caller: Caller): UserCaller {
  demand(caller, { delegated: ['Presence.Read.All'], application: [] }, 'ExtensionError');
  if (caller.kind === 'user') return caller;
  throw new GraphError(
    403,
    'ExtensionError',
    'The operation is not authorized for this user or application.',
  );
}

/** One presence subscription for each application and user (Microsoft Graph, "Change notifications for presence"). */
function refuseSecond(subscriptions: Subscriptions, caller: UserCaller): void {
  if (subscriptions.list((each) => isOwn(each, caller)).length === 0) return;
  throw new GraphError(
    409,
    'ExtensionError',
    'Operation: Create; Exception: [Status Code: Conflict; Reason: A subscription already exists for this application and user. It must be deleted first.]',
  );
}

function own({ subscriptions }: SubscriptionParts, caller: UserCaller, id: string): Subscription {
  const found = subscriptions.get(id);
  if (found !== undefined && isOwn(found, caller)) return found;
  throw new GraphError(404, 'ResourceNotFound', 'The object was not found.');
}

function isOwn({ clientId, creatorId }: Subscription, caller: UserCaller): boolean {
  return clientId === caller.clientId && creatorId === caller.userId;
}

function body(subscription: Subscription): object {
  const { id, resource, clientId, creatorId, notificationUrl, certificate, audience } = subscription;
  return {
    id,
    resource,
    applicationId: clientId,
    changeType: 'updated',
    clientState: subscription.clientState ?? null,
    notificationUrl,
    notificationQueryOptions: null,
    lifecycleNotificationUrl: subscription.lifecycleNotificationUrl ?? null,
    expirationDateTime: new Date(subscription.expiresAt).toISOString(),
    creatorId,
    includeResourceData: certificate !== undefined,
    latestSupportedTlsVersion: subscription.latestSupportedTlsVersion,
    encryptionCertificate: null,
    encryptionCertificateId: certificate?.id ?? null,
    notificationUrlAppId: audience === clientId ? null : audience,
  };
}
