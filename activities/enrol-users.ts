/** Tells `userPresence` of one page of mapped people whom they are mapped to. Called by `onboardTenant`. */
import type { enrolUsers } from '../contracts/onboard-tenant.ts';
import { toldOfEnrolment } from '../domain/customer-log-occasions.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellCustomer } from './shared/customer-log.ts';
import { tellUserPresence } from './shared/durable-effects.ts';

const pageSize = 200;

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeEnrolUsers(dependencies: Dependencies): Effect<typeof enrolUsers> {
  const { store, clock } = dependencies;
  return async ({ tenantId, page, run }, tools) => {
    const people = await store.mappings.page(tenantId, page, pageSize);
    const at = clock().toISOString();
    await Promise.all(
      people.map(({ userId, extensionId }) =>
        tellUserPresence(
          tools.durable,
          { tenantId, userId },
          { operation: 'enrol', input: { extensionId, at } },
        ),
      ),
    );
    if (people.length === pageSize) return { enrolled: people.length, next: page + 1 };
    const all = toldOfEnrolment(page * pageSize + people.length, run);
    await tellCustomer(dependencies, tools, tenantId, { told: [all] });
    return { enrolled: people.length };
  };
}
