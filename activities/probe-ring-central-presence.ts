/** Looks whether RingCentral still tells of a tenant's people, with one page of the account. Called by `probePresence`. */
import type { RingCentralClient } from '../clients/ring-central/ring-central-client.ts';
import type { probeRingCentralPresence } from '../contracts/probe-presence.ts';
import { toRingCentralReport } from '../contracts/user-presence.ts';
import { sampleOf } from '../domain/probe.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { probe, type ProbedSide } from './shared/probe.ts';

interface Dependencies {
  store: Store;
  ringCentral: RingCentralClient;
  clock: () => Date;
}

/** Enough to be told of one of them, wherever people change at all. */
const mostWatched = 650;

export function makeProbeRingCentralPresence({
  store,
  ringCentral,
  clock,
}: Dependencies): Effect<typeof probeRingCentralPresence> {
  const side: ProbedSide = {
    side: 'ringCentral',
    store,
    clock,
    watched: ({ tenantId }) => store.seated.after(tenantId, '', mostWatched),
    read: async ({ tenantId }, { turn, page }, only) => {
      // RingCentral counts its pages from 1.
      const { records, nextPage } = await ringCentral.readAccountPresence(tenantId, page + 1);
      const reports = new Map(records.map((record) => [record.extensionId, toRingCentralReport(record)]));
      const found = await store.seated.ofExtensions(tenantId, [...reports.keys()]);
      const asked =
        only === undefined ? sampleOf(found, turn) : found.filter(({ userId }) => only.includes(userId));
      const people = asked.map(({ userId, extensionId }) => ({
        userId,
        extensionId,
        shown: { side: 'ringCentral' as const, report: reports.get(extensionId) ?? {} },
      }));
      return { people, next: nextPage === undefined ? 0 : nextPage - 1 };
    },
  };
  return (look, tools) => probe(side, look, tools);
}
