/** Where a walk over a tenant's people goes on: by the last of a page, so that who goes meanwhile moves nobody to another page. */

/** After whom the next page begins; undefined where this one is not full, and so the last. */
export function nextAfter(people: readonly { userId: string }[], size: number): string | undefined {
  return people.length < size ? undefined : people.at(-1)?.userId;
}
