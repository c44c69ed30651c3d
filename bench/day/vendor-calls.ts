/** What the vendors' journals say about presence: the writes, one by one also where they travelled together, and the reads. */
import { z } from 'zod';
import type { Side } from '../../domain/presence.ts';
import type { JournalEntry } from '../../local/stack/stack-process.ts';

export type Write = { at: number; person: number } & (
  | { side: 'teams'; kind: 'set' | 'clear'; body: Record<string, string> }
  | { side: 'ringCentral'; body: unknown }
);

export interface PresenceCalls {
  /** Those that were carried out, in the order in which they arrived. */
  writes: Write[];
  /** All that were asked for. */
  writesAsked: number;
  reads: number;
  throttled: number;
}

const batchSchema = z.object({
  requests: z.array(z.object({ method: z.string(), url: z.string(), body: z.unknown() })),
});

/** `people` by their places in the list; what is about others is left out. */
export function presenceCallsIn(
  journal: readonly JournalEntry[],
  people: readonly { userId: string; extensionId: string }[],
): PresenceCalls {
  const personOf = new Map<string, number>();
  for (const [index, { userId, extensionId }] of people.entries()) {
    personOf.set(userId, index).set(extensionId, index);
  }
  const calls: PresenceCalls = { writes: [], writesAsked: 0, reads: 0, throttled: 0 };
  for (const entry of journal) {
    if (entry.status === 429) calls.throttled += 1;
    // The journal does not tell how each of a batch ended; the batch is what counts.
    const inner = entry.path.endsWith('/$batch') ? batchSchema.parse(entry.body).requests : undefined;
    if (inner === undefined) add(calls, entry, personOf);
    else
      for (const { method, url, body } of inner) add(calls, { ...entry, method, path: url, body }, personOf);
  }
  return calls;
}

function add(calls: PresenceCalls, entry: JournalEntry, personOf: ReadonlyMap<string, number>): void {
  const { method, path, status, body } = entry;
  if (method === 'GET' ? /presence/i.test(path) : /getPresencesByUserId/.test(path)) {
    calls.reads += 1;
    return;
  }
  const target = /\/(?:users|extension)\/([^/]+)\/presence(?:\/(set|clear)Presence)?$/.exec(path);
  const person = personOf.get(target?.[1] ?? '');
  if (target === null || person === undefined) return;
  calls.writesAsked += 1;
  if (status === 0 || status >= 300) return;
  const at = Date.parse(entry.at);
  const kind = target[2];
  if (kind === undefined) calls.writes.push({ at, person, side: 'ringCentral', body });
  else {
    const session = (body ?? {}) as Record<string, string>;
    calls.writes.push({ at, person, side: 'teams', kind: kind === 'set' ? 'set' : 'clear', body: session });
  }
}

/** When each side of a person was last written from `since` on, in milliseconds since 1970. */
export function lastWrites(writes: readonly Write[], since: number): Map<string, number> {
  const last = new Map<string, number>();
  for (const { at, person, side } of writes) if (at >= since) last.set(writeKey(side, person), at);
  return last;
}

export function writeKey(side: Side, person: number): string {
  return `${side} ${person}`;
}
