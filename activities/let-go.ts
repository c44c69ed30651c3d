/**
 * Has what is held for people who have left taken back on both sides, and forgets them once that is done: their entity with what
 * the task hub keeps of it, and their rows. Called by `letPeopleGo` until nobody is left; safe to run twice.
 */
import { EntityId, type DurableClient } from 'durable-functions';
import { makeTaskHub } from '../clients/task-hub.ts';
import { entityNames, userPresenceKey } from '../contracts/identities.ts';
import type { letGo } from '../contracts/sync-directory.ts';
import { userPresenceSchema } from '../domain/user-presence-state.ts';
import type { Departure } from '../store/placements.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellUserPresence } from './shared/durable-effects.ts';
import { inParallel } from './shared/in-parallel.ts';

const pageSize = 200;

interface Dependencies {
  store: Store;
  clock: () => Date;
}

interface Farewell extends Dependencies {
  durable: DurableClient;
  tenantId: string;
  /** Of the subscription, which everything that is said of the service carries. */
  version: number;
  atOnce: boolean;
}

export function makeLetGo(dependencies: Dependencies): Effect<typeof letGo> {
  const { store } = dependencies;
  return async ({ tenantId, atOnce }, { durable }) => {
    const { version = 1 } = (await store.subscriptions.find(tenantId)) ?? {};
    const farewell = { ...dependencies, durable, tenantId, version, atOnce };
    let left = 0;
    let after: string | undefined;
    for (;;) {
      const departures = await store.placements.departures(tenantId, pageSize, after);
      await inParallel(departures, async (departure) => {
        if (!(await isForgotten(farewell, departure))) left += 1;
      });
      if (departures.length < pageSize) return { left };
      after = departures.at(-1)?.userId;
    }
  };
}

/** Does the next thing that is to be done for one person; true once nothing is left of them. */
async function isForgotten(farewell: Farewell, departure: Departure): Promise<boolean> {
  const { store, durable, tenantId, version, atOnce, clock } = farewell;
  const person = { tenantId, userId: departure.userId };
  const id = new EntityId(entityNames.userPresence, userPresenceKey(tenantId, departure.userId));
  const { entityExists, entityState } = await durable.readEntityState<unknown>(id);
  if (!entityExists || entityState === null || entityState === undefined) {
    await makeTaskHub(durable).purge(`@${entityNames.userPresence.toLowerCase()}@${id.key}`);
    await store.placements.forget(tenantId, departure);
    return true;
  }
  const at = clock().toISOString();
  const hasLeft = userPresenceSchema.safeParse(entityState).data?.service.left === true;
  if (!hasLeft) await tellUserPresence(durable, person, { operation: 'leave', input: { version, at } });
  await tellUserPresence(durable, person, { operation: 'depart', input: { atOnce, at } });
  return false;
}
