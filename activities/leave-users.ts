/**
 * Tells `userPresence` of one page of mapped people that the service has ended for them, with a seat or without. Who knows it
 * is not told again, so that repeating a page shows whether all have been reached. Called by `leaveCleanly`, for all pages twice:
 * whom the first walk has passed by, because a last reading of the directories unmapped others meanwhile, the second finds. So
 * pages can be counted, and no id is in a history that may outlive the person's data.
 */
import type { DurableClient } from 'durable-functions';
import type { leaveUsers } from '../contracts/leave-cleanly.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { tellUserPresence } from './shared/durable-effects.ts';
import { stateOf } from './shared/person-states.ts';

const pageSize = 200;

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeLeaveUsers({ store, clock }: Dependencies): Effect<typeof leaveUsers> {
  return async ({ tenantId, version, page }, { durable }) => {
    const people = await store.mappings.page(tenantId, page, pageSize);
    const at = clock().toISOString();
    const told = await Promise.all(
      people.map(async ({ userId }) => {
        const person = { tenantId, userId };
        if (await knowsOfEnd(durable, person, version)) return 0;
        await tellUserPresence(durable, person, { operation: 'leave', input: { version, at } });
        return 1;
      }),
    );
    const untold = told.filter((each) => each === 1).length;
    return { untold, ...(people.length === pageSize && { next: page + 1 }) };
  };
}

/** Whether the person's entity has heard of this version, or of a newer one. */
async function knowsOfEnd(
  durable: DurableClient,
  { tenantId, userId }: { tenantId: string; userId: string },
  version: number,
): Promise<boolean> {
  const state = await stateOf(durable, tenantId, userId);
  return state !== undefined && state.service.version >= version;
}
