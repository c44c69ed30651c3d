/** Looks whether an erasure is due. Called by `eraseTenantData`. */
import type { beginErasure, ErasedPlaces } from '../contracts/erase-tenant-data.ts';
import { erasurePlan } from '../domain/erasure-plan.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';

interface Dependencies {
  store: Pick<Store, 'subscriptions'>;
  clock: () => Date;
}

export function makeBeginErasure({ store, clock }: Dependencies): Effect<typeof beginErasure> {
  return async ({ tenantId, category }) => {
    const due = await store.subscriptions.beginErasure(tenantId, category, clock());
    if (due === undefined) return { kind: 'notDue' };
    const { reason, dueAt } = due;
    return { kind: 'due', reason, dueAt: dueAt.toISOString(), places: placesOf(tenantId, category) };
  };
}

/** Part of the answer, because an erasure under way must not change its mind with the data map of a new version. */
function placesOf(tenantId: string, category: Parameters<typeof erasurePlan>[1]): ErasedPlaces[] {
  const { instances, entities, secrets, blobs } = erasurePlan(tenantId, category);
  const places = { work: instances, state: entities, secrets, files: blobs };
  return (['work', 'state', 'secrets', 'files'] as const).filter((place) => places[place].length > 0);
}
