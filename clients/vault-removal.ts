/** Removes a secret from Key Vault for good: delete, wait, purge, and look whether it is gone. Used by `secrets.ts`. */
import type { SecretClient } from '@azure/keyvault-secrets';
import { VendorError } from '../domain/vendor-error.ts';
import { askVaultAgain, statusOf } from './vault-call.ts';

/** Deletion and purge take seconds each; what takes longer is gone on with by the next call. */
const looks = 30;
const betweenLooksMs = 2_000;

export interface Removal {
  readonly client: SecretClient;
  /** A time limit for one call. */
  readonly limited: () => { abortSignal: AbortSignal };
  readonly pause: (ms: number) => Promise<unknown>;
}

/** `done`: the vault has taken it up. `underWay`: it is busy with an earlier one. `absent`: there is nothing of the name. */
type Step = 'done' | 'underWay' | 'absent';

/**
 * Each look asks for both steps anew, so it goes on from whatever state an earlier removal was left in. The secret is gone
 * when there is neither a live nor a deleted one; but a deletion begun here is invisible until the vault is through with it.
 */
export async function removeSecret(removal: Removal, name: string): Promise<void> {
  let deletionUnseen = false;
  for (let look = 0; look < looks; look += 1) {
    const deletion = await deleteLive(removal, name);
    const purge = await purgeDeleted(removal, name);
    if (deletion === 'absent' && purge === 'absent' && !deletionUnseen) return;
    deletionUnseen = purge === 'absent' && (deletionUnseen || deletion === 'done');
    if (deletion !== 'done' && purge !== 'done') await removal.pause(betweenLooksMs);
  }
  throw new VendorError('unavailable', 'RemovalUnderWay', { retryAfterSeconds: 60 });
}

function deleteLive({ client, limited }: Removal, name: string): Promise<Step> {
  return step(async () => {
    await client.beginDeleteSecret(name, limited());
  });
}

async function purgeDeleted({ client, limited }: Removal, name: string): Promise<Step> {
  const found = await step(async () => {
    await client.getDeletedSecret(name, limited());
  });
  if (found !== 'done') return found;
  return step(async () => {
    try {
      await client.purgeDeletedSecret(name, limited());
    } catch (error) {
      // Either our identity lacks the right, or the vault is protected from purging: an operator has to see to it.
      if (statusOf(error) === 403) throw new VendorError('unavailable', 'PurgeForbidden');
      throw error;
    }
  });
}

/** 409 is what a secret that is being deleted or purged answers (Key Vault, ObjectIsBeingDeleted). */
function step(call: () => Promise<void>): Promise<Step> {
  return askVaultAgain<Step>(async () => {
    try {
      await call();
      return 'done';
    } catch (error) {
      const status = statusOf(error);
      if (status === 404) return 'absent';
      if (status === 409) return 'underWay';
      throw error;
    }
  });
}
