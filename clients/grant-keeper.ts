/**
 * Exchanges refresh tokens, which are good for one use, so that none is lost or used twice, whoever else does the same: one
 * worker at a time, by a lease; the vault is read again under it; nothing is handed out before the vault has it.
 */
import { isFailure } from '../domain/vendor-error.ts';
import type { ConnectionKey, ConnectionLock, Lease } from './connection-lock.ts';
import { leaseSeconds } from './connection-lock.ts';
import type { Grant, Grants } from './grants.ts';
import type { IssuedTokens } from './oauth.ts';
import type { HeldToken, Usable } from './token-memory.ts';

/** A connection whose grant lies in the vault. */
export interface Connection extends ConnectionKey {
  readonly secretName: string;
}

export type Refresh = (refreshToken: string) => Promise<IssuedTokens>;

export interface GrantKeeper {
  /** A usable token out of the vault, else by a refresh, which another worker may be making just now. */
  obtain(connection: Connection, refresh: Refresh, usable: Usable): Promise<HeldToken>;
  /** Puts a new grant in the place of whatever is there. */
  replace(connection: Connection, refreshToken: string): Promise<void>;
  /**
   * Removes the grant from the vault for good; no refresh that is under way brings it back. `giveBack` is called with its
   * refresh token before, where there is one.
   */
  remove(connection: Connection, giveBack?: (refreshToken: string) => Promise<void>): Promise<void>;
}

/** What a refresh token was exchanged for. */
interface Rotation {
  readonly from: string;
  readonly grant: Grant;
}

/** A refresh takes a second or two. */
const refreshPatienceMs = 6_000;
/** What must not be given up is waited for until the lease of a worker that died has run out. */
const replacePatienceMs = (leaseSeconds + 5) * 1000;

export function makeGrantKeeper(grants: Grants, lock: ConnectionLock): GrantKeeper {
  /**
   * The last exchange this worker made for each connection. If the vault shows what was given for it, the write failed, or
   * a worker that had been stopped wrote late: then what it was exchanged for goes into the vault before anything else.
   */
  const rotations = new Map<string, Rotation>();

  const exchange = async (
    { secretName }: Connection,
    refresh: Refresh,
    { stored, lease }: { stored: Grant; lease: Lease },
  ): Promise<HeldToken> => {
    lease.assertHeld();
    const issued = await refresh(stored.refreshToken);
    const grant: Grant = {
      refreshToken: issued.refreshToken ?? stored.refreshToken,
      accessToken: issued.accessToken,
      accessTokenExpiresAt: issued.expiresAt.toISOString(),
    };
    if (grant.refreshToken !== stored.refreshToken) {
      rotations.set(secretName, { from: stored.refreshToken, grant });
    }
    lease.assertHeld();
    await grants.write(secretName, grant);
    return issued;
  };

  const newestGrant = async (secretName: string, lease: Lease): Promise<Grant> => {
    const stored = await grants.read(secretName, { fresh: true });
    const rotation = rotations.get(secretName);
    if (rotation?.from !== stored.refreshToken) return stored;
    lease.assertHeld();
    await grants.write(secretName, rotation.grant);
    return rotation.grant;
  };

  const refreshUnderLease = async (
    connection: Connection,
    refresh: Refresh,
    { usable, lease }: { usable: Usable; lease: Lease },
  ): Promise<HeldToken> => {
    const stored = await newestGrant(connection.secretName, lease);
    const found = usableToken(stored, usable);
    if (found !== undefined) return found;
    try {
      return await exchange(connection, refresh, { stored, lease });
    } catch (error) {
      if (!isFailure(error, 'consentRevoked')) throw error;
      // A worker that had lost its lease may have put a newer grant in the place of the one just refused.
      const newer = await grants.read(connection.secretName, { fresh: true });
      if (newer.refreshToken === stored.refreshToken) throw error;
      return usableToken(newer, usable) ?? exchange(connection, refresh, { stored: newer, lease });
    }
  };

  const giveBackGrant = async (
    { secretName }: Connection,
    giveBack: (refreshToken: string) => Promise<void>,
    lease: Lease,
  ): Promise<void> => {
    try {
      const { refreshToken } = await newestGrant(secretName, lease);
      await giveBack(refreshToken);
    } catch (error) {
      // There is none, or it has ended already.
      if (!isFailure(error, 'consentRevoked')) throw error;
    }
  };

  return {
    obtain: async (connection, refresh, usable) => {
      const { secretName } = connection;
      const known = usableToken(await grants.read(secretName), usable);
      if (known !== undefined) return known;
      return lock.hold(connection, (lease) => refreshUnderLease(connection, refresh, { usable, lease }), {
        meanwhile: async () => usableToken(await grants.read(secretName, { fresh: true }), usable),
        patienceMs: refreshPatienceMs,
      });
    },
    replace: (connection, refreshToken) =>
      lock.hold(connection, () => grants.write(connection.secretName, { refreshToken }), {
        patienceMs: replacePatienceMs,
      }),
    remove: (connection, giveBack) =>
      lock.hold(
        connection,
        async (lease) => {
          if (giveBack !== undefined) await giveBackGrant(connection, giveBack, lease);
          await grants.remove(connection.secretName);
          rotations.delete(connection.secretName);
        },
        { patienceMs: replacePatienceMs },
      ),
  };
}

function usableToken({ accessToken, accessTokenExpiresAt }: Grant, usable: Usable): HeldToken | undefined {
  if (accessToken === undefined || accessTokenExpiresAt === undefined) return undefined;
  const held = { accessToken, expiresAt: new Date(accessTokenExpiresAt) };
  return usable(held) ? held : undefined;
}
