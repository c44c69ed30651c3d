/** How the seats that were bought are given out, and what is done for those who get none. */
import type { DurableClient } from 'durable-functions';
import { toldDaily } from '../../domain/customer-log-occasions.ts';
import { seatsOf, type PlanCatalogue } from '../../domain/plans.ts';
import type { Telemetry } from '../../domain/telemetry.ts';
import type { Store } from '../../store/store.ts';
import { tellCustomer } from './customer-log.ts';
import { tellUserPresence } from './durable-effects.ts';

interface Dependencies {
  store: Store;
  plans: PlanCatalogue;
  clock: () => Date;
}

const atOnce = 200;

/**
 * Gives out the seats, and lets go of whoever has none: what we hold for them is taken back, and nothing is deleted. All of
 * them are told each time, because whoever was interrupted before may have told nobody; who knows it does nothing.
 */
export async function assignSeats(
  dependencies: Dependencies,
  tools: { durable: DurableClient; telemetry: Telemetry },
  { tenantId, version }: { tenantId: string; version: number },
): Promise<void> {
  const { store, plans, clock } = dependencies;
  const licence = await store.licences.find(tenantId);
  const seats = licence === undefined ? null : seatsOf(plans, licence);
  const { seated, unseated } = await store.mappings.seat(tenantId, seats);
  await store.licences.assign(tenantId, seated, clock());
  const at = clock().toISOString();
  for (let start = 0; start < unseated.length; start += atOnce) {
    const batch = unseated.slice(start, start + atOnce);
    const leave = { operation: 'leave', input: { version, at } } as const;
    await Promise.all(batch.map((userId) => tellUserPresence(tools.durable, { tenantId, userId }, leave)));
  }
  if (unseated.length === 0 || seats === null) return;
  const exceeded = { kind: 'seatsExceeded', people: seated + unseated.length, seats } as const;
  await tellCustomer(dependencies, tools, tenantId, { told: [toldDaily(exceeded, clock())] });
}
