/** Customers' grants as they lie in the vault: one secret per connection, read at most once in some seconds unless it must be new. */
import { z } from 'zod';
import { VendorError } from '../domain/vendor-error.ts';
import { parseJson } from './http-answer.ts';
import type { Secrets } from './secrets.ts';

const grantSchema = z.object({
  refreshToken: z.string().min(1),
  accessToken: z.string().min(1).optional(),
  accessTokenExpiresAt: z.iso.datetime().optional(),
});
export type Grant = z.infer<typeof grantSchema>;

export interface Grants {
  /**
   * The grant of that name; with `fresh` as the vault has it now. Fails with `consentRevoked` when there is none, or none
   * that can be read: it stays as it is until the customer's next consent replaces it.
   */
  read(secretName: string, how?: { readonly fresh: boolean }): Promise<Grant>;
  write(secretName: string, grant: Grant): Promise<void>;
  remove(secretName: string): Promise<void>;
}

/** Long enough for a burst of callers who all fail, short enough that nobody waits for what another worker has stored. */
const cachedMs = 3_000;

export function makeGrants(secrets: Secrets, clock: () => Date): Grants {
  const cached = new Map<string, { grant: Grant; until: number }>();
  const keep = (secretName: string, grant: Grant): void => {
    cached.set(secretName, { grant, until: clock().getTime() + cachedMs });
  };
  return {
    read: async (secretName, { fresh } = { fresh: false }) => {
      const known = cached.get(secretName);
      if (!fresh && known !== undefined && clock().getTime() < known.until) return known.grant;
      cached.delete(secretName);
      const grant = parseGrant(await secrets.get(secretName));
      keep(secretName, grant);
      return grant;
    },
    write: async (secretName, grant) => {
      // A write that fails may have taken place all the same.
      cached.delete(secretName);
      await secrets.set(secretName, JSON.stringify(grant));
      keep(secretName, grant);
    },
    remove: async (secretName) => {
      await secrets.remove(secretName);
      cached.delete(secretName);
    },
  };
}

function parseGrant(secret: string | undefined): Grant {
  if (secret === undefined) throw new VendorError('consentRevoked', 'NoGrant');
  const { data } = grantSchema.safeParse(parseJson(secret));
  if (data === undefined) throw new VendorError('consentRevoked', 'UnreadableGrant');
  return data;
}
