/** Who is read by which of a tenant's service users: each is a shard, for which Graph watches a limited number of people. */

/** One presence subscription watches at most this many people (Microsoft Graph, "Change notifications for presence"). */
export const shardCapacity = 650;

interface Placed {
  userId: string;
  shard: number;
}

/** A person with the shard they have, if any. */
export interface Placeable {
  userId: string;
  shard?: number | undefined;
}

export interface Placement {
  /** In the order of their ids. */
  placed: Placed[];
  /** Those for whom there is no room, in the order of their ids. */
  unplaced: string[];
}

/**
 * Spreads people evenly over the shards there are, moving as few as possible: a shard that changes has to be subscribed anew.
 * Who has a place keeps one before anybody new; among equals the order of the ids decides.
 */
export function placePeople(
  people: readonly Placeable[],
  shards: readonly number[],
  capacity = shardCapacity,
): Placement {
  const inOrder = people.toSorted((one, other) => (one.userId < other.userId ? -1 : 1));
  const isStanding = ({ shard }: Placeable): boolean => shard !== undefined && shards.includes(shard);
  // Somebody whose service user is gone had a place, too.
  const rank = (person: Placeable): number => (isStanding(person) ? 0 : person.shard === undefined ? 2 : 1);
  const served = inOrder.toSorted((one, other) => rank(one) - rank(other)).slice(0, shards.length * capacity);
  const standing = new Map(
    shards.map((shard) => [shard, served.filter((each) => isStanding(each) && each.shard === shard)]),
  );
  const room = sizes(standing, served.length);
  const placed: Placed[] = [];
  const homeless = served.filter((person) => !isStanding(person));
  for (const [shard, members] of standing) {
    const size = room.get(shard) ?? 0;
    placed.push(...members.slice(0, size).map(({ userId }) => ({ userId, shard })));
    homeless.push(...members.slice(size));
    room.set(shard, Math.max(0, size - members.length));
  }
  const free = [...room].flatMap(([shard, places]) => Array<number>(places).fill(shard));
  for (const [index, { userId }] of homeless.entries()) placed.push({ userId, shard: free[index] ?? 0 });
  const isServed = new Set(served.map(({ userId }) => userId));
  return {
    placed: placed.toSorted((one, other) => (one.userId < other.userId ? -1 : 1)),
    unplaced: inOrder.map(({ userId }) => userId).filter((userId) => !isServed.has(userId)),
  };
}

/** How many each shard is to have: those that have the most now get the one more that an even spread leaves over. */
function sizes(standing: ReadonlyMap<number, readonly Placeable[]>, people: number): Map<number, number> {
  const least = Math.floor(people / Math.max(1, standing.size));
  const fullest = [...standing].toSorted(
    ([one, members], [other, others]) => others.length - members.length || one - other,
  );
  return new Map(
    fullest.map(([shard], index) => [shard, index < people % standing.size ? least + 1 : least]),
  );
}
