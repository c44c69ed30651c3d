/** Who has a seat when there are fewer seats than people: those assigned first, so that the newest stop first. */

export interface Assignment {
  userId: string;
  /** Times in the form of `toISOString()`, which sort as texts. */
  assignedAt: string;
}

/** The ids of the people who have a seat, those assigned first in front. `seats` is null where there is no limit. */
export function seatedOf(assignments: readonly Assignment[], seats: number | null): string[] {
  const inOrder = assignments.toSorted(byAssignment).map(({ userId }) => userId);
  return seats === null ? inOrder : inOrder.slice(0, seats);
}

/** Of those assigned together, the id decides: any order will do that is always the same. */
function byAssignment(one: Assignment, other: Assignment): number {
  if (one.assignedAt !== other.assignedAt) return one.assignedAt < other.assignedAt ? -1 : 1;
  if (one.userId === other.userId) return 0;
  return one.userId < other.userId ? -1 : 1;
}
