/** Access tokens held in this process: each until shortly before its end, and got by one caller at a time for all who wait. */
import { VendorError } from '../domain/vendor-error.ts';

export interface HeldToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

export type Usable = (token: HeldToken) => boolean;

export interface TokenMemory {
  /**
   * The token held under `key` if it lasts beyond `until` too, else what `obtain` brings; `usable` tells `obtain` whether a
   * token found elsewhere would do. When none can be got just now, the one that is held serves to its last minute.
   */
  get(key: string, obtain: (usable: Usable) => Promise<HeldToken>, until?: Date): Promise<string>;
  invalidate(accessToken: string): void;
  /** Runs `replace` once nobody is obtaining a token for `key`, and forgets what was held. */
  replace(key: string, replace: () => Promise<void>): Promise<void>;
}

/** Tokens are renewed this long before they end, so that none ends on its way. */
const marginMs = 5 * 60_000;
/** Where a renewal fails, one with so little left is still better than none. */
const leastMarginMs = 60_000;

const nothing = Promise.resolve();

export function makeTokenMemory(clock: () => Date): TokenMemory {
  const held = new Map<string, HeldToken>();
  const refused = new Map<string, string>();
  const obtaining = new Map<string, Promise<HeldToken>>();
  const replacing = new Map<string, Promise<void>>();

  const isUsable = (key: string, token: HeldToken, until = new Date(0), margin = marginMs): boolean =>
    token.accessToken !== refused.get(key) &&
    token.expiresAt.getTime() > Math.max(clock().getTime() + margin, until.getTime());

  const forget = (key: string): void => {
    held.delete(key);
    refused.delete(key);
  };

  return {
    get: async (key, obtain, until) => {
      const known = held.get(key);
      if (known !== undefined && isUsable(key, known, until)) return known.accessToken;
      for (let underWay = obtaining.get(key); underWay !== undefined; underWay = obtaining.get(key)) {
        const token = await underWay;
        if (until === undefined || isUsable(key, token, until)) return token.accessToken;
      }
      const obtained = register(obtaining, key, async () => {
        await Promise.allSettled([replacing.get(key) ?? nothing]);
        try {
          const fresh = await obtain((found) => isUsable(key, found, until));
          forget(key);
          held.set(key, fresh);
          return fresh;
        } catch (error) {
          const still = held.get(key);
          if (still !== undefined && mayPass(error) && isUsable(key, still, until, leastMarginMs))
            return still;
          throw error;
        }
      });
      return (await obtained).accessToken;
    },
    invalidate: (accessToken) => {
      for (const [key, token] of held) {
        if (token.accessToken !== accessToken) continue;
        held.delete(key);
        refused.set(key, accessToken);
      }
    },
    replace: (key, replace) => {
      const before = [obtaining.get(key) ?? nothing, replacing.get(key) ?? nothing];
      return register(replacing, key, async () => {
        await Promise.allSettled(before);
        await replace();
        forget(key);
      });
    },
  };
}

function mayPass(error: unknown): boolean {
  return error instanceof VendorError && error.failure !== 'consentRevoked';
}

/** Starts `task` and lists it under `key` for as long as it runs. */
function register<T>(running: Map<string, Promise<T>>, key: string, task: () => Promise<T>): Promise<T> {
  const promise = task().finally(() => {
    if (running.get(key) === promise) running.delete(key);
  });
  running.set(key, promise);
  return promise;
}
