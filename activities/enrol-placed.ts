/**
 * Tells `userPresence` of people who are newly mapped, or have another extension or a seat since. Called by `syncDirectory`
 * until there is nobody left; who was told is not told again.
 */
import type { enrolPlaced } from '../contracts/sync-directory.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { enrolPeople } from './shared/enrol-people.ts';
import { isToBeServed } from './shared/served-tenant.ts';

const pageSize = 200;

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeEnrolPlaced({ store, clock }: Dependencies): Effect<typeof enrolPlaced> {
  return async ({ tenantId }, { durable }) => {
    const subscription = await store.subscriptions.find(tenantId);
    if (!(await isToBeServed(store, tenantId, subscription))) return { enrolled: 0, more: false };
    const { version = 1 } = subscription ?? {};
    const at = clock().toISOString();
    const people = await store.placements.unenrolled(tenantId, pageSize);
    await enrolPeople({ store, durable }, { tenantId, version, at }, people);
    return { enrolled: people.length, more: people.length === pageSize };
  };
}
