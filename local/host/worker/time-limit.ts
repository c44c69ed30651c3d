/** host.json's functionTimeout: how long a function may run. */

export interface TimeLimit {
  readonly ms: number;
  /** As host.json has it. */
  readonly text: string;
}

/** Nothing without a limit (-1). @throws when it is no time span such as `00:05:00` or `1.00:00:00`. */
export function readTimeLimit(text: string | undefined): TimeLimit | undefined {
  if (text === undefined || text.startsWith('-1')) return undefined;
  const parts = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})$/.exec(text);
  if (!parts) throw new Error(`host.json: functionTimeout "${text}" is not a time span such as 00:05:00.`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return { ms: (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000, text };
}

/**
 * Waits for a run no longer than it may take, in real time: on a clock that stands still it would never be over.
 * @throws in the words of the Functions host when the time is up. The function itself cannot be stopped.
 */
export async function withinLimit<T>(
  run: Promise<T>,
  name: string,
  limit: TimeLimit | undefined,
): Promise<T> {
  if (!limit) return run;
  let timeout: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<never>((_resolve, reject) => {
    const text = `Timeout value of ${limit.text} was exceeded by function: Functions.${name}`;
    timeout = setTimeout(() => reject(new Error(text)), limit.ms);
  });
  return Promise.race([run, timeIsUp]).finally(() => clearTimeout(timeout));
}
