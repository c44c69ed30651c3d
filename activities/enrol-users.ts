/** Tells `userPresence` of one page of mapped people whom they are mapped to. Called by `onboardTenant`. */
import type { enrolUsers } from '../contracts/onboard-tenant.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellUserPresence } from './shared/durable-effects.ts';

const pageSize = 200;

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeEnrolUsers({ store, clock }: Dependencies): Effect<typeof enrolUsers> {
  return async ({ tenantId, page }, { durable }) => {
    const people = await store.mappings.page(tenantId, page, pageSize);
    const at = clock().toISOString();
    await Promise.all(
      people.map(({ userId, extensionId }) =>
        tellUserPresence(durable, { tenantId, userId }, { operation: 'enrol', input: { extensionId, at } }),
      ),
    );
    return { enrolled: people.length, ...(people.length === pageSize && { next: page + 1 }) };
  };
}
