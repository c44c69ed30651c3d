/**
 * Reads a page of the list of a tenant's RingCentral extensions. Called by `syncDirectory`; safe to run twice. A list of several
 * pages may pass by somebody while others come or go, so who is missing is looked for in a second reading.
 */
import type { RingCentralClient } from '../clients/ring-central/ring-central-client.ts';
import type { ExtensionsRead, readDirectoryExtensions } from '../contracts/sync-directory.ts';
import { directoryPause } from '../domain/directory-sync.ts';
import { isInStorm } from '../domain/outbox.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellingOutbox } from './shared/hush-outbox.ts';
import { asDirectoryStep, isNobodyFound, nobodyFound, tenantOfRun } from './shared/directory-run.ts';
import { outboxOf } from './shared/outbox-of.ts';

const side = 'ringCentral';
/** After this time it is looked again whether a storm is over. */
const stormSeconds = 60;

interface Dependencies {
  store: Store;
  ringCentral: RingCentralClient;
  clock: () => Date;
}

export function makeReadDirectoryExtensions(
  dependencies: Dependencies,
): Effect<typeof readDirectoryExtensions> {
  const { store, ringCentral, clock } = dependencies;
  return async ({ tenantId, run, listing }, tools) => {
    if ((await tenantOfRun(store, { tenantId, run })) === undefined) return { kind: 'over' };
    // The list shares its limit with the writing of presence, which needs all of it just now.
    const outbox = await outboxOf(tools.durable, tenantId, side);
    if (outbox !== undefined && isInStorm(outbox, side)) return { kind: 'wait', seconds: stormSeconds };
    return asDirectoryStep(dependencies, tools, { tenantId, side }, async () => {
      const list = () => ringCentral.listExtensions(tenantId, listing.page);
      const telling = { durable: tools.durable, clock };
      const { records, nextPage, budget } = await tellingOutbox(telling, tenantId, list);
      await store.extensions.upsert(tenantId, records, clock(), run);
      const next =
        nextPage === undefined
          ? await atTheEnd(store, { tenantId, run, listing })
          : { ...listing, page: nextPage };
      if (next === 'nobody') return { kind: 'gaveUp', code: nobodyFound };
      const pauseSeconds = next && directoryPause(budget);
      return {
        kind: 'read',
        ...(next !== undefined && { next }),
        ...(pauseSeconds !== undefined && { pauseSeconds }),
      };
    });
  };
}

type Listing = Extract<ExtensionsRead, { kind: 'read' }>['next'] & object;

/** Removes who is not in the list any more, or says where to look for them once more. */
async function atTheEnd(
  store: Store,
  { tenantId, run, listing }: { tenantId: string; run: number; listing: Listing },
): Promise<Listing | 'nobody' | undefined> {
  const census = await store.extensions.census(tenantId, run);
  if (isNobodyFound(census)) return 'nobody';
  if (census.unseen > 0 && listing.page > 1 && !listing.again) return { page: 1, again: true };
  await store.extensions.removeUnseen(tenantId, run);
  return undefined;
}
