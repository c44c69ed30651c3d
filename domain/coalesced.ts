/** Work that many ask for at once and that is done for all of them together. */

/**
 * `work` such that it never runs twice at a time: whoever asks while it runs gets the one run that begins after it, which is
 * the first to see what was done before they asked.
 */
export function coalesced<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const run = (): Promise<T> => {
    const begun = work().finally(() => {
      running = undefined;
    });
    running = begun;
    return begun;
  };
  return () => {
    if (running === undefined) return run();
    next ??= running
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        next = undefined;
        return run();
      });
    return next;
  };
}
