/** How a command that runs an app ends. What the app leaves open (sockets, timers) would keep the process alive, hence the exits. */

/** Runs `close` on SIGTERM or SIGINT, then exits: 0 when it went well. A second signal does not wait. */
export function stopOnSignal(close: () => Promise<void>): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    close().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Says what is wrong on stderr, and exits with 1. */
export function fail(error: unknown): never {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

/** The message alone where it says all (a taken port, a refused folder); the stack where somebody has to look at code. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return `${error.message}\nCaused by ${error.cause.stack}`;
  return 'code' in error ? error.message : (error.stack ?? error.message);
}
