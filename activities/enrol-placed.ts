/**
 * Tells `userPresence` of people who are newly mapped, or have another extension or a seat since. Called by `syncDirectory`
 * until there is nobody left; who was told is not told again.
 */
import type { enrolPlaced } from '../contracts/sync-directory.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellUserPresence } from './shared/durable-effects.ts';
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
    // Before they are read, so that who leaves meanwhile is told so later than this.
    const at = clock().toISOString();
    const people = await store.placements.unenrolled(tenantId, pageSize);
    await Promise.all(
      people.map(({ userId, extensionId }) =>
        tellUserPresence(
          durable,
          { tenantId, userId },
          { operation: 'enrol', input: { extensionId, version, at } },
        ),
      ),
    );
    await store.placements.noteEnrolled(tenantId, people);
    return { enrolled: people.length, more: people.length === pageSize };
  };
}
