/** Arithmetic on instants, which the rules keep as ISO texts in UTC. */

/** The instant `ms` milliseconds after `at`. */
export function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString();
}
