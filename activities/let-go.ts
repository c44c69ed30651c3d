/**
 * Has what is held for people who have left taken back on both sides, and forgets them once that is done: their entity with what
 * the task hub keeps of it, and their rows. A write that still waits when their entity is gone leaves traces once it is made, so
 * the rows go after it. Called by `letPeopleGo` until nobody is left; safe to run twice.
 */
import { EntityId, type DurableClient } from 'durable-functions';
import { makeTaskHub } from '../clients/task-hub.ts';
import { entityNames, userPresenceKey } from '../contracts/identities.ts';
import type { letGo } from '../contracts/sync-directory.ts';
import { emptyOutbox } from '../domain/outbox.ts';
import { sideSchema } from '../domain/presence.ts';
import { userPresenceSchema } from '../domain/user-presence-state.ts';
import type { Departure } from '../store/placements.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellUserPresence } from './shared/durable-effects.ts';
import { inParallel } from './shared/in-parallel.ts';
import { outboxOf } from './shared/outbox-of.ts';

const pageSize = 200;
/** So long is waited for the vendors to take back what was held for a person. */
const patienceMs = 3_600_000;

interface Dependencies {
  store: Store;
  clock: () => Date;
}

interface Farewell extends Dependencies {
  durable: DurableClient;
  tenantId: string;
  /** Of the subscription, which everything that is said of the service carries. */
  version: number;
  unsent: Unsent;
}

/** For whom something is still to be written: soon, or not before the customer has connected again. */
interface Unsent {
  soon: ReadonlySet<string>;
  paused: ReadonlySet<string>;
}

export function makeLetGo(dependencies: Dependencies): Effect<typeof letGo> {
  const { store } = dependencies;
  return async ({ tenantId }, { durable }) => {
    const { version = 1 } = (await store.subscriptions.find(tenantId)) ?? {};
    const unsent = await unsentOf(durable, tenantId);
    const farewell = { ...dependencies, durable, tenantId, version, unsent };
    let left = 0;
    let after: string | undefined;
    for (;;) {
      const departures = await store.placements.departures(tenantId, pageSize, after);
      await inParallel(departures, async (departure) => {
        if (await isToBeAwaited(farewell, departure)) left += 1;
      });
      if (departures.length < pageSize) return { left };
      after = departures.at(-1)?.userId;
    }
  };
}

async function unsentOf(durable: DurableClient, tenantId: string): Promise<Unsent> {
  const soon = new Set<string>();
  const paused = new Set<string>();
  for (const side of sideSchema.options) {
    const outbox = (await outboxOf(durable, tenantId, side)) ?? emptyOutbox;
    const wishes = [...Object.values(outbox.waiting), ...Object.values(outbox.inFlight)];
    for (const { userId } of wishes) (outbox.paused ? paused : soon).add(userId);
  }
  return { soon, paused };
}

/** Does the next thing that is to be done for one person; false once there is nothing more to wait for now. */
async function isToBeAwaited(farewell: Farewell, departure: Departure): Promise<boolean> {
  const { store, durable, tenantId, version, unsent, clock } = farewell;
  const person = { tenantId, userId: departure.userId };
  const id = new EntityId(entityNames.userPresence, userPresenceKey(tenantId, departure.userId));
  const { entityExists, entityState } = await durable.readEntityState<unknown>(id);
  if (!entityExists || entityState === null || entityState === undefined) {
    await makeTaskHub(durable).purge(`@${entityNames.userPresence.toLowerCase()}@${id.key}`);
    if (unsent.soon.has(departure.userId)) return true;
    // Looked at again when the directories are read next.
    if (unsent.paused.has(departure.userId)) return false;
    await store.placements.forget(tenantId, departure);
    return false;
  }
  const now = clock();
  const at = now.toISOString();
  const atOnce = now.getTime() - departure.since.getTime() >= patienceMs;
  const hasLeft = userPresenceSchema.safeParse(entityState).data?.service.left === true;
  if (!hasLeft) await tellUserPresence(durable, person, { operation: 'leave', input: { version, at } });
  await tellUserPresence(durable, person, { operation: 'depart', input: { atOnce, at } });
  return true;
}
