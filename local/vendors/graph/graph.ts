/** The simulated Microsoft Graph v1.0: users, presence, presence subscriptions, and a handle for what happens there without a call. */
import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { Entra } from '../entra/entra.ts';
import type { Listening } from '../listen-on-loopback.ts';
import { serve } from '../serve.ts';
import type { Simulation } from '../simulation.ts';
import { VendorData } from '../vendor-data.ts';
import { authenticate, readBody, type GraphEnv } from './access.ts';
import { answerBatch, batchBody } from './batch.ts';
import { GraphError, graphErrorResponse, graphFault } from './graph-error.ts';
import { Notifier, type LifecycleEvent } from './notifier.ts';
import { presenceBody, presenceRoutes, type PresenceParts } from './presence-routes.ts';
import type { Presence } from './presence-rules.ts';
import { Presences } from './presences.ts';
import { subscriptionRoutes, type SubscriptionParts } from './subscription-routes.ts';
import { Subscriptions, type Subscription } from './subscriptions.ts';
import { Throttle } from './throttle.ts';
import { DeltaLinks, userDeltaRoutes } from './user-delta.ts';
import { userRoutes } from './user-routes.ts';

export interface Graph {
  readonly url: string;
  /** As if the person had changed it in Teams; any text is taken. */
  setPersonPresence(userId: string, presence: Presence): void;
  /** What everybody sees, in Graph's fields. */
  showPresence(userId: string): Record<string, unknown>;
  subscriptions(matches?: (subscription: Subscription) => boolean): Subscription[];
  /** From now on the subscription tells of no change, without a word of it. @throws for one that is not known */
  silence(subscriptionId: string): void;
  /** Sends a lifecycle notification; `subscriptionRemoved` also removes. */
  lifecycle(subscriptionId: string, event: LifecycleEvent): void;
  /** The subscription dies without a word. */
  removeSubscription(subscriptionId: string): void;
  /** The tokens behind a tenant's subscriptions are good no more: deliveries pause, and a reminder goes out. */
  unauthorize(tenantId: string): void;
  /** The links to changes of the tenant's users are good no more. */
  expireDeltaLinks(tenantId: string): void;
  close(): Promise<void>;
}

export interface GraphOptions {
  readonly directory?: string | undefined;
  readonly port?: number | undefined;
  readonly entra: Entra;
  /** Whether presences carry sequence numbers; they do by default. */
  readonly sequenceNumbers?: boolean | undefined;
}

type Parts = PresenceParts & SubscriptionParts & { entra: Entra; deltaLinks: DeltaLinks };

export async function startGraph(simulation: Simulation, options: GraphOptions): Promise<Graph> {
  const data = new VendorData('graph', options.directory);
  const parts = open(simulation, data, options);
  const serving: Listening = await serve(simulation, {
    vendor: 'graph',
    app: outerApp(simulation, parts, () => serving.url),
    refuse: (status, retryAfterSeconds) =>
      graphErrorResponse(graphFault(status, retryAfterSeconds), simulation.clock.now()),
    port: options.port,
  });
  const close = async (): Promise<void> => {
    parts.presences.close();
    parts.subscriptions.close();
    await serving.close();
    data.close();
  };
  return { url: serving.url, ...controls(parts), close };
}

function open(
  simulation: Simulation,
  data: VendorData,
  { entra, sequenceNumbers = true }: GraphOptions,
): Parts {
  const { clock } = simulation;
  const notifier = new Notifier(simulation, { signer: entra.signer, data, sequenceNumbers });
  const subscriptions = new Subscriptions(clock, data, {
    remind: (subscription) => notifier.lifecycle(subscription, 'reauthorizationRequired'),
    ended: (subscriptionId) => notifier.forget(subscriptionId),
  });
  const presences = new Presences(clock, data, (presence) => {
    const tenantId = entra.directory.user(presence.userId)?.tenantId;
    for (const subscription of subscriptions.watching(presence.userId)) {
      if (subscription.tenantId === tenantId) notifier.changed(subscription, presence);
    }
  });
  const throttle = new Throttle(clock);
  return {
    clock,
    deltaLinks: new DeltaLinks(clock, data),
    directory: entra.directory,
    entra,
    notifier,
    presences,
    sequenceNumbers,
    subscriptions,
    throttle,
  };
}

function controls(parts: Parts): Omit<Graph, 'url' | 'close'> {
  const { directory, notifier, presences, subscriptions } = parts;
  const known = (userId: string): string => {
    const user = directory.user(userId);
    if (user === undefined) throw new Error(`Microsoft Teams knows no user ${userId}.`);
    return user.userId;
  };
  const standing = (subscriptionId: string): Subscription => {
    const subscription = subscriptions.get(subscriptionId);
    if (subscription === undefined)
      throw new Error(`Microsoft Graph knows no subscription ${subscriptionId}.`);
    return subscription;
  };
  return {
    setPersonPresence: (userId, { availability, activity }) =>
      presences.setByPerson(known(userId), { availability, activity }),
    showPresence: (userId) => ({ ...presenceBody(parts, presences.show(known(userId))) }),
    subscriptions: (matches) => subscriptions.list(matches),
    silence: (subscriptionId) => subscriptions.put({ ...standing(subscriptionId), silent: true }),
    lifecycle: (subscriptionId, event) => {
      const subscription = standing(subscriptionId);
      if (event === 'subscriptionRemoved') subscriptions.remove(subscriptionId);
      notifier.lifecycle(subscription, event);
    },
    removeSubscription: (subscriptionId) => subscriptions.remove(subscriptionId),
    expireDeltaLinks: (tenantId) => parts.deltaLinks.expire(tenantId),
    unauthorize: (tenantId) => {
      for (const subscription of subscriptions.list((each) => each.tenantId === tenantId)) {
        const unauthorized = { ...subscription, authorizedUntil: parts.clock.now() };
        subscriptions.put(unauthorized);
        notifier.lifecycle(unauthorized, 'reauthorizationRequired');
      }
    },
  };
}

/** All versions and $batch; the requests of a batch go through the same routes as those of the network. */
function outerApp(simulation: Simulation, parts: Parts, url: () => string): Hono<GraphEnv> {
  const routes = versionRoutes(parts, url);
  const app = new Hono<GraphEnv>();
  app.post('/v1.0/$batch', async (c) => {
    await authenticate(parts.entra.tokens, c.req.header('authorization'));
    const { requests } = await readBody(c, batchBody);
    const responses = await answerBatch(requests, (method, path, init) => {
      const fault = simulation.faults.forRequest('graph', `${method} /v1.0${path}`);
      if (fault?.kind === 'throttle' || fault?.kind === 'status') {
        const [status, wait] =
          fault.kind === 'throttle' ? [429, fault.retryAfterSeconds] : [fault.status, undefined];
        return Promise.resolve(graphErrorResponse(graphFault(status, wait), simulation.clock.now()));
      }
      init.headers.set('authorization', c.req.header('authorization') ?? '');
      return Promise.resolve(routes.fetch(new Request(`${url()}/v1.0${path}`, { method, ...init })));
    });
    return c.json({ responses });
  });
  app.all('*', (c) => routes.fetch(c.req.raw));
  app.onError((error) => answerError(error, simulation.clock.now()));
  return app;
}

function versionRoutes(parts: Parts, url: () => string): Hono<GraphEnv> {
  const app = new Hono<GraphEnv>().basePath('/v1.0');
  app.use('*', async (c, next) => {
    c.set('caller', await authenticate(parts.entra.tokens, c.req.header('authorization')));
    await next();
    c.header('request-id', randomUUID());
  });
  presenceRoutes(app, parts);
  userDeltaRoutes(app, parts, url);
  userRoutes(app, parts.directory, url);
  subscriptionRoutes(app, parts);
  app.notFound((c) => {
    const error = new GraphError(400, 'BadRequest', `Resource not found for the segment '${c.req.path}'.`);
    return graphErrorResponse(error, parts.clock.now());
  });
  app.onError((error) => answerError(error, parts.clock.now()));
  return app;
}

function answerError(error: Error, now: number): Response {
  if (error instanceof GraphError) return graphErrorResponse(error, now);
  throw error;
}
