/** Tells a customer how their directories were read last, and by name whom that leaves out and why. */
import { planDirectory } from '../store/directory-plan.ts';
import type { Extension, User } from '../store/directory.ts';
import type { Store } from '../store/store.ts';
import type { Answer } from './answers.ts';
import { registerCustomerDoor, type CustomerDoor } from './customer-door.ts';
import { nothingToRead } from './customer-standing.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  clock: () => Date;
}

/** So many are named in each list at most; the counts are of all. */
const mostNamed = 1000;

export function registerCustomerDirectory(dependencies: Dependencies): void {
  registerCustomerDoor(
    dependencies,
    'customerDirectory',
    { method: 'GET', route: 'subscription/directory' },
    (tenantId) => tell(dependencies, tenantId),
  );
}

async function tell(dependencies: Dependencies, tenantId: string): Promise<Answer> {
  const { store } = dependencies;
  const refusal = await nothingToRead(dependencies, tenantId);
  if (refusal !== undefined) return refusal;
  const sync = await store.directorySyncs.find(tenantId);
  const plan = await planDirectory(store, tenantId);
  const { people, leaving, matching, unplaced, places, users, extensions } = plan;
  const { unmatchedUserIds, unmatchedExtensionIds, duplicates } = matching;
  const userOf = new Map(users.map((user) => [user.userId, asPerson(user)]));
  const extensionOf = new Map(extensions.map((each) => [each.extensionId, asExtension(each)]));
  return {
    jsonBody: {
      lastRun: {
        outcome: sync.outcome,
        code: sync.outcome === 'failed' ? (sync.code ?? null) : null,
        startedAt: sync.startedAt?.toISOString() ?? null,
        finishedAt: sync.finishedAt?.toISOString() ?? null,
      },
      counts: {
        users: users.length,
        extensions: extensions.length,
        matched: people.length,
        leaving,
        unmatchedUsers: unmatchedUserIds.length,
        unmatchedExtensions: unmatchedExtensionIds.length,
        duplicates: duplicates.length,
        unplaced: unplaced.length,
        places,
      },
      unplaced: named(unplaced, userOf),
      unmatchedUsers: named(unmatchedUserIds, userOf),
      unmatchedExtensions: named(unmatchedExtensionIds, extensionOf),
      duplicates: duplicates.slice(0, mostNamed).map(({ mails, userIds, extensionIds }) => ({
        mails,
        users: named(userIds, userOf),
        extensions: named(extensionIds, extensionOf),
      })),
    },
  };
}

function named<T>(ids: readonly string[], known: ReadonlyMap<string, T>): T[] {
  return ids
    .slice(0, mostNamed)
    .map((id) => known.get(id))
    .filter((each) => each !== undefined);
}

function asPerson({ userId, displayName, mail, userPrincipalName }: User) {
  return { userId, displayName, mail, userPrincipalName };
}

function asExtension({ extensionId, extensionNumber, name, mail, phone }: Extension) {
  return { extensionId, extensionNumber, name, mail, phone };
}
