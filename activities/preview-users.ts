/** Works out what rules that are tried would do to one page of people with a seat, and keeps that. Called by `previewRules`. */
import type { previewUsers } from '../contracts/sync-rules.ts';
import { outlookOf, tally, type Outlook } from '../domain/rules-preview.ts';
import { rulesFor } from '../domain/sync-rules.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { inParallel } from './shared/in-parallel.ts';
import { stateOf } from './shared/person-states.ts';

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
      const state = await stateOf(durable, tenantId, userId);
      if (state === undefined) return;
      outlooks.push(outlookOf({ userId, state }, rulesFor(trial.rules, byPerson.get(userId)), at));
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
