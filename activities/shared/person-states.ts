/** What `userPresence` knows of people, and telling it what was read only where that is news: a look costs less than a message. */
import { EntityId, type DurableClient } from 'durable-functions';
import { entityNames, userPresenceKey } from '../../contracts/identities.ts';
import { isNews, type Shown } from '../../domain/read-news.ts';
import { userPresenceSchema, type UserPresence } from '../../domain/user-presence-state.ts';
import { tellUserPresence } from './durable-effects.ts';
import { inParallel } from './in-parallel.ts';

/** Undefined where nothing is known of the person yet, or nothing that this version understands. */
export async function stateOf(
  durable: DurableClient,
  tenantId: string,
  userId: string,
): Promise<UserPresence | undefined> {
  const id = new EntityId(entityNames.userPresence, userPresenceKey(tenantId, userId));
  const { entityState } = await durable.readEntityState<unknown>(id);
  return userPresenceSchema.safeParse(entityState).data;
}

/** Those of these people of whom something is known, and `holds`. */
export async function thoseOfWhom<Person extends { userId: string }>(
  durable: DurableClient,
  tenantId: string,
  people: readonly Person[],
  holds: (state: UserPresence, person: Person) => boolean,
): Promise<Person[]> {
  const found: Person[] = [];
  await inParallel(people, async (person) => {
    const state = await stateOf(durable, tenantId, person.userId);
    if (state !== undefined && holds(state, person)) found.push(person);
  });
  return found;
}

/** Somebody as a side shows them. */
export interface ShownPerson {
  userId: string;
  /** In RingCentral, whose presence it is: who has moved to it since is always to be told. */
  extensionId?: string;
  shown: Shown;
}

/** Tells each `userPresence` what was read of it at the instant `at`, where it does not know that. */
export function tellOfRead(
  durable: DurableClient,
  tenantId: string,
  { people, at }: { people: readonly ShownPerson[]; at: string },
): Promise<void> {
  return inParallel(people, async ({ userId, extensionId, shown }) => {
    const state = await stateOf(durable, tenantId, userId);
    const isSettled = state !== undefined && (extensionId === undefined || state.extensionId === extensionId);
    if (isSettled && !isNews(state, shown, at)) return;
    const origin = { kind: 'read' } as const;
    await tellUserPresence(
      durable,
      { tenantId, userId },
      shown.side === 'teams'
        ? { operation: 'observeTeams', input: { report: shown.report, origin, at } }
        : { operation: 'observeRingCentral', input: { report: shown.report, origin, at } },
    );
  });
}
