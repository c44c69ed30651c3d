/** Notes that everybody whom a change of the rules concerns has been told, and tells the customer. Called by `applyRules`. */
import type { concludeRules } from '../contracts/sync-rules.ts';
import { toldOfException, toldOfRules, type Told } from '../domain/customer-log-occasions.ts';
import type { Store } from '../store/store.ts';
import type { HeldRules } from '../store/sync-rules.ts';
import type { Effect } from './shared/activity.ts';
import { tellCustomer } from './shared/customer-log.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

export function makeConcludeRules(dependencies: Dependencies): Effect<typeof concludeRules> {
  const { store } = dependencies;
  return async ({ tenantId, number, userId }, tools) => {
    const held = await store.syncRules.newest(tenantId);
    if (held === undefined) return {};
    // One person's change tells nothing of what others have still to be told.
    if (userId === undefined || held.applied === number - 1) {
      await store.syncRules.noteApplied(tenantId, number);
    }
    const told =
      userId === undefined
        ? versionUpTo(await store.syncRules.versions(tenantId), number)
        : await exceptionOf(store, { tenantId, userId }, number);
    await tellCustomer(dependencies, tools, tenantId, { told: [told] });
    return {};
  };
}

/** What was caught up with may have been an exception: then its rules were told when they came to hold. */
function versionUpTo(
  versions: readonly Pick<HeldRules, 'version' | 'restored'>[],
  number: number,
): Told | undefined {
  const version = versions.find((each) => each.version <= number);
  return version && toldOfRules(version);
}

async function exceptionOf(
  { ruleExceptions }: Store,
  { tenantId, userId }: { tenantId: string; userId: string },
  number: number,
): Promise<Told> {
  const [exception] = await ruleExceptions.ofUsers(tenantId, [userId]);
  return toldOfException({ userId, removed: exception === undefined }, number);
}
