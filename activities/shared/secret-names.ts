/** Which secrets of the vault there are. */

/** The names that begin so, deleted secrets that are not purged included. */
export function namesLike(held: { live: string[]; deleted: string[] }, prefix: string): string[] {
  return [...new Set([...held.live, ...held.deleted])].filter((name) => name.startsWith(prefix));
}
