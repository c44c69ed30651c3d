/** What every platform request passes: access token, rate limit of its group, app scope, user permission. */
import type { Context, Handler } from 'hono';
import type { Clock } from '../../clock/clock.ts';
import type { Directory } from './directory.ts';
import {
  invalidParameters,
  permissionMissing,
  refused,
  resourceNotFound,
  scopeMissing,
  unauthorized,
} from './errors.ts';
import type { Account, Extension, Session } from './model.ts';
import type { RateLimiter, RateLimitGroup } from './rate-limits.ts';
import type { Sessions } from './sessions.ts';

/** Who calls. */
export interface Caller {
  readonly session: Session;
  readonly account: Account;
  readonly extension: Extension;
}

interface Rules {
  readonly group: RateLimitGroup;
  readonly scope: string;
}

interface GateParts {
  readonly clock: Clock;
  readonly sessions: Sessions;
  readonly directory: Directory;
  readonly limits: RateLimiter;
}

export class Gate {
  readonly #parts: GateParts;

  constructor(parts: GateParts) {
    this.#parts = parts;
  }

  /** A route's handler behind the checks; refusals are thrown as RingCentralError. */
  guard(rules: Rules, handle: (context: Context, caller: Caller) => Response | Promise<Response>): Handler {
    return (context) => {
      const session = this.#parts.sessions.authenticate(bearerToken(context));
      this.admit(context, session.extensionId, rules.group);
      if (!hasScope(session, rules.scope)) throw scopeMissing(rules.scope);
      const caller: Caller = {
        session,
        account: this.#parts.directory.account(session.accountId),
        extension: this.#parts.directory.extension(session.extensionId),
      };
      checkAccount(context, caller);
      return handle(context, caller);
    };
  }

  /** Counts the request and sets the rate limit headers of its answer; throws 429 CMN-301. */
  admit(context: Context, user: string, group: RateLimitGroup): void {
    const verdict = this.#parts.limits.admit(user, group, this.#parts.clock.now());
    for (const [name, value] of Object.entries(verdict.headers)) context.header(name, value);
    if (!verdict.admitted) throw refused(429, 'CMN-301', 'Request rate exceeded');
  }

  /**
   * The extension in the path, `~` being the caller. Standard roles hold their permissions for themselves only.
   * @throws 400 CMN-101, 404 CMN-102, or 403 CMN-408 when it is somebody else's and the caller no administrator
   */
  target(caller: Caller, extensionId: string, permission: string): Extension {
    if (extensionId === '~' || extensionId === caller.extension.extensionId) return caller.extension;
    if (!/^\d+$/.test(extensionId)) throw invalidParameters('extensionId');
    const extension = this.#parts.directory.extension(extensionId);
    if (extension.accountId !== caller.account.accountId) throw resourceNotFound('extensionId');
    requireAdmin(caller, permission);
    return extension;
  }
}

/** For what concerns the whole account. @throws 403 CMN-408 */
export function requireAdmin(caller: Caller, permission: string): void {
  if (!caller.extension.admin) throw permissionMissing(permission);
}

/** EditPresence includes ReadPresence (developer guide, "App permissions"). */
export function hasScope(session: Session, scope: string): boolean {
  return (
    session.scopes.includes(scope) || (scope === 'ReadPresence' && session.scopes.includes('EditPresence'))
  );
}

function bearerToken(context: Context): string {
  const header = context.req.header('Authorization');
  if (header === undefined) throw unauthorized('CMN-405', 'Login to extension required.');
  const token = /^bearer +(\S+)$/i.exec(header)?.[1];
  if (token === undefined) throw unauthorized('OAU-151', 'Authorization method not supported');
  return token;
}

function checkAccount(context: Context, caller: Caller): void {
  const accountId = context.req.param('accountId');
  if (accountId === undefined || accountId === '~' || accountId === caller.account.accountId) return;
  throw /^\d+$/.test(accountId) ? resourceNotFound('accountId') : invalidParameters('accountId');
}
