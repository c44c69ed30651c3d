/** Which rules hold for whom now, as `userPresence` is told: the company's, with the person's exceptions. */
import { rulesFor } from '../../domain/sync-rules.ts';
import type { StatedRules } from '../../domain/user-presence.ts';
import type { Store } from '../../store/store.ts';

/**
 * Answers the rules by person; undefined for everybody where nothing was ever set. The number is read before the exceptions, so
 * that nobody is told older ones under a newer number.
 */
export async function rulesOfPeople(
  { syncRules, ruleExceptions }: Pick<Store, 'syncRules' | 'ruleExceptions'>,
  tenantId: string,
  userIds: readonly string[],
): Promise<(userId: string) => StatedRules | undefined> {
  const held = await syncRules.newest(tenantId);
  if (held === undefined) return () => undefined;
  const exceptions = await ruleExceptions.ofUsers(tenantId, userIds);
  const byPerson = new Map(exceptions.map(({ userId, exception }) => [userId, exception]));
  return (userId) => ({ rules: rulesFor(held.rules, byPerson.get(userId)), version: held.counted });
}
