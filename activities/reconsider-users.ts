/** Has `userPresence` of one page of people with a seat decide anew, because quiet hours begin or end. Called by `keepQuietHours`. */
import type { reconsiderUsers } from '../contracts/sync-rules.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellUserPresence } from './shared/durable-effects.ts';
import { nextAfter } from './shared/next-after.ts';
import { servedTenant } from './shared/served-tenant.ts';

const pageSize = 200;

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeReconsiderUsers({ store, clock }: Dependencies): Effect<typeof reconsiderUsers> {
  return async ({ tenantId, after, at: earliest }, { durable }) => {
    if ((await servedTenant(store, tenantId)) === undefined) return { served: false };
    const people = await store.seated.after(tenantId, after, pageSize);
    // A worker's clock may be a little behind the one that said that it is time.
    const at = new Date(Math.max(clock().getTime(), Date.parse(earliest))).toISOString();
    await Promise.all(
      people.map(({ userId }) =>
        tellUserPresence(durable, { tenantId, userId }, { operation: 'reconsider', input: { at } }),
      ),
    );
    return { served: true, next: nextAfter(people, pageSize) };
  };
}
