/** Azure Key Vault secrets: the only place where customers' tokens rest. */
import { setTimeout as realPause } from 'node:timers/promises';
import type { TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { coalesced } from '../domain/coalesced.ts';
import { askVault, askVaultAgain, statusOf } from './vault-call.ts';
import { removeSecret } from './vault-removal.ts';

/** All fail as `throttled`, else as `unavailable`: no trouble with our own vault is a vendor's answer to a customer's wish. */
export interface Secrets {
  /** The newest version's value; undefined when there is no such secret. Transient failures are tried again for seconds. */
  get(name: string): Promise<string | undefined>;
  /**
   * Writes a new version; not while a deleted secret of that name is not purged. Never tried again here: whether an
   * older value may still be written is known to the caller only.
   */
  set(name: string, value: string): Promise<void>;
  /**
   * Deletes and purges, and resolves once nothing of the name is left, as it does when nothing was. Goes on from wherever
   * an earlier removal stopped. Fails with `PurgeForbidden` where the vault does not let us purge, with
   * `RemovalUnderWay` when the vault takes its time: removing again goes on.
   */
  remove(name: string): Promise<void>;
  /**
   * The names of all secrets, and of those that are deleted but not purged, as they are once it is asked. Many who ask at
   * once share a list, because a long one takes many calls and a vault allows so many in a time.
   */
  names(): Promise<{ live: string[]; deleted: string[] }>;
}

export interface SecretsOptions {
  readonly vaultUrl: string;
  readonly credential: TokenCredential;
  /** For one call; a vault that is well answers within a fraction of a second. */
  readonly timeoutMs?: number | undefined;
  /** How a removal waits for the vault. */
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
}

const usualTimeoutMs = 5_000;
/** A list of all secrets comes in pages of 25. */
const listTimeoutMs = 60_000;

/** Secrets of one vault. */
export function makeSecrets({
  vaultUrl,
  credential,
  timeoutMs = usualTimeoutMs,
  pause = realPause,
}: SecretsOptions): Secrets {
  // Plain http is let through to configuration for loopback addresses only.
  const insecure = new URL(vaultUrl).protocol === 'http:';
  const client = new SecretClient(vaultUrl, credential, {
    allowInsecureConnection: insecure,
    disableChallengeResourceVerification: insecure,
    retryOptions: { maxRetries: 0 },
  });
  const limited = () => ({ abortSignal: AbortSignal.timeout(timeoutMs) });
  const listed = () => ({ abortSignal: AbortSignal.timeout(listTimeoutMs) });
  return {
    get: (name) =>
      askVaultAgain(async () => {
        try {
          return (await client.getSecret(name, limited())).value;
        } catch (error) {
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      }),
    set: (name, value) =>
      askVault(async () => {
        await client.setSecret(name, value, limited());
      }),
    remove: (name) => removeSecret({ client, limited, pause }, name),
    names: coalesced(async () => ({
      live: await askVaultAgain(() => namesOf(client.listPropertiesOfSecrets(listed()))),
      deleted: await askVaultAgain(() => namesOf(client.listDeletedSecrets(listed()))),
    })),
  };
}

async function namesOf(secrets: AsyncIterable<{ readonly name: string }>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of secrets) names.push(name);
  return names;
}
