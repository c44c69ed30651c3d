/** Logins and their tokens: single-use refresh tokens, the grace around their rotation, the limit of sessions. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import { OAuthError, unauthorized } from './errors.ts';
import { secret, type Model, type Session, type Token, type TokenPair } from './model.ts';

/** Seconds; what the caller of the token endpoint asked for. */
export interface Lifetimes {
  readonly access?: number | undefined;
  readonly refresh?: number | undefined;
}

export interface SessionOwner {
  readonly accountId: string;
  readonly extensionId: string;
  readonly scopes: readonly string[];
  readonly endpointId?: string | undefined;
}

/** An access token dies at once when it is rotated; so long it still counts as "corrupted", then as unknown. */
const corruptedMs = 10_000;
/** A rotated refresh token lives on so long once the new access token was used … */
const graceAfterUseMs = 10_000;
/** … and so long when it never was. Source: RingCentral developer guide, "Refresh tokens". */
const graceUnusedMs = 60 * 60_000;
const sessionsPerUserAndApp = 5;
const shortestAccessSeconds = 600;
const longestAccessSeconds = 3600;
const appRefreshSeconds = 604_800;

export class Sessions {
  readonly #model: Model;
  readonly #clock: Clock;

  constructor(model: Model, clock: Clock) {
    this.#model = model;
    this.#clock = clock;
  }

  /** A new login; the user's oldest sessions with the app end when there are more than five. */
  begin(owner: SessionOwner, lifetimes: Lifetimes = {}): Session {
    const session: Session = {
      sessionId: secret(12),
      accountId: owner.accountId,
      extensionId: owner.extensionId,
      clientId: this.#model.app.clientId,
      scopes: owner.scopes,
      used: false,
      endpointId: owner.endpointId ?? randomUUID(),
      createdAt: this.#clock.now(),
      current: this.#newPair(lifetimes),
    };
    this.#model.together(() => {
      this.#save(session);
      const alive = this.#of(owner.extensionId).filter((each) => this.#isAlive(each));
      for (const oldest of alive.slice(0, -sessionsPerUserAndApp)) this.end(oldest);
    });
    return session;
  }

  /**
   * Exchanges a refresh token for a new pair; the same token again, in its grace, gets the same pair again.
   * @throws OAuthError invalid_grant with OAU-213 (unknown or dead) or OAU-210 (expired)
   */
  refresh(refreshToken: string, lifetimes: Lifetimes): Session {
    const session = this.ownerOfRefreshToken(refreshToken);
    if (session.previous?.refreshToken === refreshToken) return session;
    return this.#model.together(() => this.#rotate(session, lifetimes));
  }

  /** The session that a refresh token, current or in its grace, belongs to; throws as `refresh` does. */
  ownerOfRefreshToken(refreshToken: string): Session {
    const token = this.#model.tokens.get(refreshToken);
    const now = this.#clock.now();
    if (token?.kind !== 'refresh' || (token.deadFrom !== undefined && now >= token.deadFrom)) {
      throw invalidGrant('OAU-213', 'Token not found');
    }
    if (now >= token.expiresAt) throw invalidGrant('OAU-210', 'Token expired');
    return this.#session(token);
  }

  /**
   * The session of an access token. Its first use shortens the grace of the refresh token before it.
   * @throws RingCentralError 401 with OAU-213 (unknown), OAU-129 (rotated just now) or OAU-128 (expired)
   */
  authenticate(accessToken: string): Session {
    const token = this.#model.tokens.get(accessToken);
    const now = this.#clock.now();
    if (token?.kind !== 'access') throw unauthorized('OAU-213', 'Token not found');
    if (token.deadFrom !== undefined) {
      if (now < token.deadFrom + corruptedMs) throw unauthorized('OAU-129', 'Access token corrupted.');
      throw unauthorized('OAU-213', 'Token not found');
    }
    if (now >= token.expiresAt) throw unauthorized('OAU-128', 'Access token expired.');
    const session = this.#session(token);
    if (!session.used) this.#markUsed(session, now);
    return session;
  }

  /** The session that any token of it, access or refresh, belongs to. */
  find(token: string): Session | undefined {
    const found = this.#model.tokens.get(token);
    return found === undefined ? undefined : this.#model.sessions.get(found.sessionId);
  }

  /** Seconds until a token expires. */
  secondsLeft(token: string): number {
    const expiresAt = this.#model.tokens.get(token)?.expiresAt ?? 0;
    return Math.max(0, Math.floor((expiresAt - this.#clock.now()) / 1000));
  }

  end(session: Session): void {
    this.#forget(session.current);
    if (session.previous !== undefined) this.#forget(session.previous);
    this.#model.sessions.delete(session.sessionId);
  }

  /** Ends every session of an account, or of one of its extensions. */
  endAll(of: { readonly accountId?: string; readonly extensionId?: string }): void {
    for (const session of this.#model.sessions.all()) {
      if (session.accountId === of.accountId || session.extensionId === of.extensionId) this.end(session);
    }
  }

  #rotate(session: Session, lifetimes: Lifetimes): Session {
    const now = this.#clock.now();
    const { current, previous } = session;
    if (previous !== undefined) this.#forget(previous);
    this.#changeToken(current.accessToken, { deadFrom: now });
    if (current.refreshToken !== undefined) {
      this.#changeToken(current.refreshToken, { deadFrom: now + graceUnusedMs });
    }
    const rotated = { ...session, current: this.#newPair(lifetimes), previous: current, used: false };
    this.#save(rotated);
    return rotated;
  }

  #of(extensionId: string): Session[] {
    const sessions = this.#model.sessions.all().filter((session) => session.extensionId === extensionId);
    return sessions.sort((one, other) => one.createdAt - other.createdAt);
  }

  /** A session without a living token only takes up room: it is ended on sight. */
  #isAlive(session: Session): boolean {
    const { accessToken, refreshToken } = session.current;
    if (this.secondsLeft(refreshToken ?? accessToken) > 0) return true;
    this.end(session);
    return false;
  }

  #session(token: Token): Session {
    const session = this.#model.sessions.get(token.sessionId);
    if (session === undefined) throw new Error(`Token of the missing session ${token.sessionId}.`);
    return session;
  }

  #markUsed(session: Session, now: number): void {
    this.#model.sessions.put(session.sessionId, { ...session, used: true });
    const before = session.previous?.refreshToken;
    if (before === undefined) return;
    const deadFrom = Math.min(this.#model.tokens.get(before)?.deadFrom ?? Infinity, now + graceAfterUseMs);
    this.#changeToken(before, { deadFrom });
  }

  #newPair(lifetimes: Lifetimes): TokenPair {
    const access = lifetimes.access ?? longestAccessSeconds;
    const refresh = lifetimes.refresh ?? appRefreshSeconds;
    return {
      accessToken: secret(48),
      // Zero or less means: no refresh token (API reference, token endpoint).
      ...(refresh > 0 ? { refreshToken: secret(48) } : {}),
      accessSeconds: Math.min(Math.max(access, shortestAccessSeconds), longestAccessSeconds),
      refreshSeconds: Math.min(refresh, appRefreshSeconds),
    };
  }

  #save(session: Session): void {
    const { sessionId, current } = session;
    const now = this.#clock.now();
    const { accessToken, refreshToken } = current;
    this.#model.sessions.put(sessionId, session);
    const accessExpiresAt = now + current.accessSeconds * 1000;
    this.#model.tokens.put(accessToken, { kind: 'access', sessionId, expiresAt: accessExpiresAt });
    if (refreshToken === undefined) return;
    const expiresAt = now + current.refreshSeconds * 1000;
    this.#model.tokens.put(refreshToken, { kind: 'refresh', sessionId, expiresAt });
  }

  #changeToken(key: string, change: Partial<Token>): void {
    const token = this.#model.tokens.get(key);
    if (token !== undefined) this.#model.tokens.put(key, { ...token, ...change });
  }

  #forget(pair: TokenPair): void {
    this.#model.tokens.delete(pair.accessToken);
    if (pair.refreshToken !== undefined) this.#model.tokens.delete(pair.refreshToken);
  }
}

function invalidGrant(errorCode: string, message: string): OAuthError {
  return new OAuthError(400, 'invalid_grant', { errorCode, message });
}
