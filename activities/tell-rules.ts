/** Tells `userPresence` of one page of people with a seat, or of one person, the rules that hold for them now. Called by `applyRules`. */
import type { tellRules } from '../contracts/sync-rules.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellUserPresence } from './shared/durable-effects.ts';
import { nextAfter } from './shared/next-after.ts';
import { rulesOfPeople } from './shared/rules-of-people.ts';
import { servedTenant } from './shared/served-tenant.ts';

const pageSize = 200;

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeTellRules({ store, clock }: Dependencies): Effect<typeof tellRules> {
  return async ({ tenantId, after, userId: only }, { durable }) => {
    if ((await servedTenant(store, tenantId)) === undefined) return { served: false };
    const people =
      only === undefined
        ? await store.seated.after(tenantId, after, pageSize)
        : await store.seated.ofUsers(tenantId, [only]);
    const userIds = people.map(({ userId }) => userId);
    const rulesOf = await rulesOfPeople(store, tenantId, userIds);
    const at = clock().toISOString();
    await Promise.all(
      userIds.map(async (userId) => {
        const stated = rulesOf(userId);
        if (stated === undefined) return;
        await tellUserPresence(
          durable,
          { tenantId, userId },
          { operation: 'applyRules', input: { ...stated, at } },
        );
      }),
    );
    return { served: true, next: nextAfter(people, pageSize) };
  };
}
