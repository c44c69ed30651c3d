/**
 * Gives the seats that were bought to people, and has those released who have none. Used by `enrolUsers` before its first
 * page, and by `applyDirectory`. Run twice, it tells all who have no seat again, so that nobody is missed where a run was interrupted.
 */
import type { DurableClient } from 'durable-functions';
import { toldOfSeats } from '../../domain/customer-log-occasions.ts';
import { isOffered, seatsOf, type PlanCatalogue } from '../../domain/plans.ts';
import type { Telemetry } from '../../domain/telemetry.ts';
import type { Seating } from '../../store/mappings.ts';
import type { Store } from '../../store/store.ts';
import { batches } from '../../store/upsert.ts';
import { tellCustomer } from './customer-log.ts';
import { tellUserPresence } from './durable-effects.ts';

interface Dependencies {
  store: Store;
  plans: PlanCatalogue;
  clock: () => Date;
}

interface Onboarding {
  tenantId: string;
  /** The version of the subscription that people are told. */
  version: number;
  /** The instant that tells this onboarding from others of the tenant. */
  run: string;
}

/** So many people are told at once. */
const together = 200;

/**
 * Seats people as far as there are seats, the first assigned first, and has those released who have none. Nobody's data is
 * deleted: with more seats they are looked after again.
 */
export async function assignSeats(
  dependencies: Dependencies,
  tools: { durable: DurableClient; telemetry: Telemetry },
  { tenantId, version, run }: Onboarding,
): Promise<void> {
  const { store, clock } = dependencies;
  const { seats, isKnown, seating, at } = await seat(dependencies, tenantId);
  if (!isKnown) tools.telemetry.record('planUnknown', {}, { tenantId });
  await release(tools.durable, { tenantId, userIds: seating.unseated }, { version, at });
  await store.licences.noteAssigned(tenantId, seating.seated, clock());
  await tellCustomer(dependencies, tools, tenantId, { told: [toldOfSeats({ ...seating, seats }, run)] });
}

interface Bought {
  seats: number | null;
  /** Whether the catalogue has the plan. */
  isKnown: boolean;
}

interface Seated extends Bought {
  seating: Seating;
  /** Before people were seated, so that who is given a seat meanwhile is told so later than this. */
  at: string;
}

/** What is bought may change between reading it and seating by it: then people are seated anew. */
async function seat(dependencies: Dependencies, tenantId: string): Promise<Seated> {
  const { store, clock } = dependencies;
  let bought = await readBought(dependencies, tenantId);
  for (;;) {
    const at = clock().toISOString();
    const seating = await store.mappings.seat(tenantId, bought.seats);
    const since = await readBought(dependencies, tenantId);
    if (since.seats === bought.seats) return { ...since, seating, at };
    bought = since;
  }
}

/** How many seats there are, by what is bought and what the catalogue says of it. */
export async function readBought(
  { store, plans }: Pick<Dependencies, 'store' | 'plans'>,
  tenantId: string,
): Promise<Bought> {
  const licence = await store.licences.find(tenantId);
  if (licence === undefined) return { seats: null, isKnown: false };
  const { planId, quantity } = licence;
  return { seats: seatsOf(plans, planId, quantity), isKnown: isOffered(plans, planId) };
}

async function release(
  durable: DurableClient,
  { tenantId, userIds }: { tenantId: string; userIds: readonly string[] },
  leaving: { version: number; at: string },
): Promise<void> {
  for (const batch of batches(userIds, together)) {
    await Promise.all(
      batch.map((userId) =>
        tellUserPresence(durable, { tenantId, userId }, { operation: 'leave', input: leaving }),
      ),
    );
  }
}
