/** Many small calls at once, but not all of them. */

const atOnce = 8;

/** Runs `call` for each; rejects with the first failure once those that were begun have ended. */
export async function inParallel<T>(items: readonly T[], call: (item: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += atOnce) {
    const ended = await Promise.allSettled(items.slice(start, start + atOnce).map(call));
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
  }
}
