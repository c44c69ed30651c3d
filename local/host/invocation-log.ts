/** The lines about one run of a function, as the Functions host writes them: Executing, and Executed with its outcome. */
import { performance } from 'node:perf_hooks';
import { describeError } from './log.ts';
import type { HostLog } from './log.ts';

export interface InvocationLine {
  readonly name: string;
  readonly invocationId: string;
  /** Why it runs, in the host's words. */
  readonly reason: string;
}

/** Runs a function between its two lines. @throws what it threw, after having written it down */
export async function logged<T>(log: HostLog, line: InvocationLine, run: () => Promise<T>): Promise<T> {
  const { name, invocationId, reason } = line;
  const category = `Function.${name}`;
  // The machine's own time: on the virtual clock a function takes none.
  const startedAt = performance.now();
  const ended = (): string => `Id=${invocationId}, Duration=${Math.round(performance.now() - startedAt)}ms`;
  log('information', category, `Executing 'Functions.${name}' (Reason='${reason}', Id=${invocationId})`);
  try {
    const result = await run();
    log('information', category, `Executed 'Functions.${name}' (Succeeded, ${ended()})`);
    return result;
  } catch (error) {
    const text = `Executed 'Functions.${name}' (Failed, ${ended()}) ${describeError(error)}`;
    log('error', category, text);
    throw error;
  }
}
