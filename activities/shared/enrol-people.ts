/** Takes people on, or up again: each is told whom they are mapped to, and the rules that hold for them. */
import type { DurableClient } from 'durable-functions';
import type { Store } from '../../store/store.ts';
import { tellUserPresence } from './durable-effects.ts';
import { rulesOfPeople } from './rules-of-people.ts';

/** `at` is from before the people were read, so that who leaves meanwhile is told so later than this. Safe to run twice. */
export async function enrolPeople(
  { store, durable }: { store: Store; durable: DurableClient },
  { tenantId, version, at }: { tenantId: string; version: number; at: string },
  people: readonly { userId: string; extensionId: string }[],
): Promise<void> {
  const userIds = people.map(({ userId }) => userId);
  const rulesOf = await rulesOfPeople(store, tenantId, userIds);
  await Promise.all(
    people.map(({ userId, extensionId }) => {
      const rules = rulesOf(userId);
      const input = { extensionId, version, ...(rules !== undefined && { rules }), at };
      return tellUserPresence(durable, { tenantId, userId }, { operation: 'enrol', input });
    }),
  );
  await store.placements.noteEnrolled(tenantId, people);
}
