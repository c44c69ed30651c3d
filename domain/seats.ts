/** Who has one of the seats that were bought: whoever was assigned first, so that with fewer seats the newest stop first. */
export interface Assignment {
  userId: string;
  /** `toISOString()`'s form. */
  assignedAt: string;
}

/** The people who have a seat; `seats` is null where there is no limit. */
export function seatedOf(assignments: readonly Assignment[], seats: number | null): Set<string> {
  const inOrder = assignments.toSorted((one, other) => compare(keyOf(one), keyOf(other)));
  return new Set(inOrder.slice(0, seats ?? inOrder.length).map(({ userId }) => userId));
}

/** Two who were assigned at the same instant have an order, too. */
function keyOf({ assignedAt, userId }: Assignment): string {
  return `${assignedAt} ${userId}`;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
