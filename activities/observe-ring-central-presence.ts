/** Reads one page of extensions from RingCentral and tells each `userPresence` what is news to it. Called by `resync`. */
import type { RingCentralClient } from '../clients/ring-central/ring-central-client.ts';
import type { observeRingCentralPresence, ReadOutcome } from '../contracts/resync-presence.ts';
import { toRingCentralReport } from '../contracts/user-presence.ts';
import { toldOfRead } from '../domain/customer-log-occasions.ts';
import type { VendorError } from '../domain/vendor-error.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellCustomer, tidingsOfUnread } from './shared/customer-log.ts';
import { tellOfRead } from './shared/person-states.ts';
import { inTurn } from './shared/read-in-turn.ts';
import { asReadOutcome } from './shared/read-outcome.ts';
import { servedTenant } from './shared/served-tenant.ts';

/** Ten such reads a minute are allowed (RingCentral, rate limits, group Heavy); a few are left to others. */
const pauseSeconds = 8;

interface Dependencies {
  store: Store;
  ringCentral: RingCentralClient;
  clock: () => Date;
}

export function makeObserveRingCentralPresence(
  dependencies: Dependencies,
): Effect<typeof observeRingCentralPresence> {
  const { store, ringCentral, clock } = dependencies;
  return async ({ tenantId, page, asked, reading }, tools) => {
    if ((await servedTenant(store, tenantId)) === undefined) return { kind: 'read' };
    const scope = { tenantId, side: 'ringCentral', shard: 0 } as const;
    const failed = (error: VendorError) =>
      tellCustomer(dependencies, tools, tenantId, tidingsOfUnread(error, 'ringCentral', clock()));
    const read = async (): Promise<ReadOutcome> => {
      const at = clock().toISOString();
      // RingCentral counts its pages from 1.
      const { records, nextPage } = await ringCentral.readAccountPresence(tenantId, page + 1);
      const people = await store.seated.ofExtensions(
        tenantId,
        records.map((record) => record.extensionId),
      );
      const reports = new Map(records.map((record) => [record.extensionId, toRingCentralReport(record)]));
      const shown = people.map(({ userId, extensionId }) => ({
        userId,
        extensionId,
        shown: { side: 'ringCentral' as const, report: reports.get(extensionId) ?? {} },
      }));
      await tellOfRead(tools.durable, tenantId, { people: shown, at });
      const told = [toldOfRead('ringCentral', people.length, { reading, page })];
      await tellCustomer(dependencies, tools, tenantId, { told });
      return nextPage === undefined ? { kind: 'read' } : { kind: 'read', next: nextPage - 1, pauseSeconds };
    };
    return inTurn(dependencies, scope, { asked, page }, () => asReadOutcome(failed, read));
  };
}
