/** Works out what rules that are tried would do to one page of people with a seat, and keeps that. Called by `previewRules`. */
import { EntityId, type DurableClient } from 'durable-functions';
import { entityNames, userPresenceKey } from '../contracts/identities.ts';
import type { previewUsers } from '../contracts/sync-rules.ts';
import { outlookOf, tally, type Outlook } from '../domain/rules-preview.ts';
import { rulesFor, type SyncRules } from '../domain/sync-rules.ts';
import { userPresenceSchema } from '../domain/user-presence-state.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { inParallel } from './shared/in-parallel.ts';

const pageSize = 200;

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makePreviewUsers({ store, clock }: Dependencies): Effect<typeof previewUsers> {
  return async ({ tenantId, askedAt, page }, { durable }) => {
    const trial = await store.rulePreviews.find(tenantId);
    if (trial?.askedAt !== askedAt) return { current: false };
    const people = await store.seated.page(tenantId, page, pageSize);
    const userIds = people.map(({ userId }) => userId);
    const exceptions = await store.ruleExceptions.ofUsers(tenantId, userIds);
    const byPerson = new Map(exceptions.map(({ userId, exception }) => [userId, exception]));
    const at = clock().toISOString();
    const outlooks: Outlook[] = [];
    await inParallel(userIds, async (userId) => {
      const rules = rulesFor(trial.rules, byPerson.get(userId));
      const outlook = await outlookFor(durable, { tenantId, userId, rules, at });
      if (outlook !== undefined) outlooks.push(outlook);
    });
    const isLast = people.length < pageSize;
    const current = await store.rulePreviews.savePage(tenantId, askedAt, {
      ...tally(outlooks),
      page,
      isLast,
    });
    return { current, ...(current && !isLast && { next: page + 1 }) };
  };
}

/** Undefined for whom nothing is known of yet. */
async function outlookFor(
  durable: DurableClient,
  { tenantId, userId, rules, at }: { tenantId: string; userId: string; rules: SyncRules; at: string },
): Promise<Outlook | undefined> {
  const id = new EntityId(entityNames.userPresence, userPresenceKey(tenantId, userId));
  const { entityState } = await durable.readEntityState<unknown>(id);
  const state = userPresenceSchema.safeParse(entityState).data;
  return state && outlookOf({ userId, state }, rules, at);
}
