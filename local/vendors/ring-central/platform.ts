/** Puts the parts of the simulated platform together and behind its routes. */
import { Hono } from 'hono';
import type { Clock } from '../../clock/clock.ts';
import type { Simulation } from '../simulation.ts';
import { addAccountRoutes } from './account-routes.ts';
import { AuthorizationCodes } from './authorization-codes.ts';
import { Directory } from './directory.ts';
import { errorBody, refused, RingCentralError } from './errors.ts';
import { Gate } from './gate.ts';
import type { Model } from './model.ts';
import { Notifier } from './notifier.ts';
import { addOAuthRoutes } from './oauth-routes.ts';
import { addPresenceRoutes } from './presence-routes.ts';
import { Presences } from './presences.ts';
import { RateLimiter } from './rate-limits.ts';
import { Sessions } from './sessions.ts';
import { addSubscriptionRoutes } from './subscription-routes.ts';
import { Subscriptions } from './subscriptions.ts';

export interface PlatformOptions {
  /** What a login grants the app. */
  readonly scopes?: readonly string[];
  /** Carries `deliveryMode.verificationToken`; the guide's editions differ. */
  readonly verificationHeader?: 'Verification-Token' | 'Validation-Token';
}

export interface Platform {
  readonly clock: Clock;
  /** What a login grants the app. */
  readonly scopes: readonly string[];
  readonly model: Model;
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly notifier: Notifier;
  readonly gate: Gate;
  readonly codes: AuthorizationCodes;
  readonly presences: Presences;
  readonly subscriptions: Subscriptions;
}

const usualScopes = ['ReadAccounts', 'ReadPresence', 'EditPresence', 'SubscriptionWebhook'];

export function makePlatform(simulation: Simulation, model: Model, options: PlatformOptions): Platform {
  const { clock } = simulation;
  const scopes = options.scopes ?? usualScopes;
  const verificationHeader = options.verificationHeader ?? 'Verification-Token';
  const directory = new Directory(model);
  const sessions = new Sessions(model, clock);
  const notifier = new Notifier(simulation, model, { verificationHeader });
  const gate = new Gate({ clock, sessions, directory, limits: new RateLimiter() });
  const codes = new AuthorizationCodes({ model, directory, clock, scopes });
  const presences = new Presences({ directory, notifier, clock });
  const subscriptions = new Subscriptions({ model, directory, notifier, clock });
  return { clock, scopes, model, directory, sessions, notifier, gate, codes, presences, subscriptions };
}

export function makeApp(platform: Platform): Hono {
  const app = new Hono();
  addOAuthRoutes(app, platform);
  platform.codes.addRoutes(app);
  addAccountRoutes(app, platform.gate, platform.directory);
  addPresenceRoutes(app, platform.gate, platform);
  addSubscriptionRoutes(app, platform.gate, platform);
  app.notFound(() => {
    throw refused(404, 'CMN-120', 'Invalid URI');
  });
  app.onError((error, context) => {
    if (!(error instanceof RingCentralError)) throw error;
    return context.json(error.body(), error.status, error.headers);
  });
  return app;
}

const outages: ReadonlyMap<number, readonly [string, string]> = new Map([
  [401, ['OAU-213', 'Token not found']],
  [403, ['CMN-408', 'User needs to have permission for requested resource']],
  [404, ['CMN-102', 'Resource is not found']],
  [429, ['CMN-301', 'Request rate exceeded']],
  [503, ['CMN-201', 'Service Temporary Unavailable']],
]);

/** A fault that is switched on, in the platform's own words; without rate limit headers, as happens at the vendor. */
export function answerForFault(status: number, retryAfterSeconds: number | undefined): Response {
  const headers: Record<string, string> = {};
  if (retryAfterSeconds !== undefined) headers['Retry-After'] = String(retryAfterSeconds);
  const [errorCode, message] = outages.get(status) ?? ['CMN-203', 'Internal Server Error'];
  return Response.json(errorBody([{ errorCode, message }]), { status, headers });
}
