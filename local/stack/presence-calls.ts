/** Counts what the vendors were asked to do, by their own journals. */
import { z } from 'zod';
import type { JournalEntry, StackProcess } from './stack-process.ts';

export interface PresenceCalls {
  writes: number;
  reads: number;
}

const isTeamsWrite = ({ method, path }: JournalEntry): boolean =>
  method === 'POST' && /\/presence\/(set|clear)/i.test(path);
const isTeamsRead = ({ method, path }: JournalEntry): boolean =>
  /getPresencesByUserId/i.test(path) || (method === 'GET' && /presence/.test(path));
const isRingCentralWrite = ({ method, path }: JournalEntry): boolean =>
  method === 'PUT' && path.includes('/presence');
const isRingCentralRead = ({ method, path }: JournalEntry): boolean =>
  method === 'GET' && path.includes('/presence');

/** The journal with the requests of each batch in its stead, as Graph counts them; their own status is not known. */
export function withoutBatches(journal: readonly JournalEntry[]): JournalEntry[] {
  return journal.flatMap((entry) => {
    const { data } = batch.safeParse(entry.body);
    if (!entry.path.endsWith('/$batch') || data === undefined) return [entry];
    return data.requests.map(({ url, ...request }) => ({ ...entry, ...request, path: `/v1.0${url}` }));
  });
}

const batch = z.object({
  requests: z.array(
    z
      .object({ method: z.string(), url: z.string(), body: z.unknown().optional() })
      .transform(({ body = null, ...request }) => ({ ...request, body })),
  ),
});

/** All presence calls so far, whoever they were about. */
export async function presenceCalls(
  stack: StackProcess,
  vendor: 'graph' | 'ringCentral',
): Promise<PresenceCalls> {
  const journal = withoutBatches(await stack.journal(vendor));
  const [isWrite, isRead] =
    vendor === 'graph' ? [isTeamsWrite, isTeamsRead] : [isRingCentralWrite, isRingCentralRead];
  return { writes: journal.filter(isWrite).length, reads: journal.filter(isRead).length };
}

/** What both vendors were asked about presence while `act` and all that follows from it ran. */
export async function callsDuring(
  stack: StackProcess,
  act: () => Promise<void>,
): Promise<{ graph: PresenceCalls; ringCentral: PresenceCalls }> {
  const before = await both(stack);
  await act();
  await stack.idle();
  const after = await both(stack);
  return {
    graph: difference(after.graph, before.graph),
    ringCentral: difference(after.ringCentral, before.ringCentral),
  };
}

async function both(stack: StackProcess): Promise<{ graph: PresenceCalls; ringCentral: PresenceCalls }> {
  return {
    graph: await presenceCalls(stack, 'graph'),
    ringCentral: await presenceCalls(stack, 'ringCentral'),
  };
}

function difference(after: PresenceCalls, before: PresenceCalls): PresenceCalls {
  return { writes: after.writes - before.writes, reads: after.reads - before.reads };
}

export const none: PresenceCalls = { writes: 0, reads: 0 };
export const oneWrite: PresenceCalls = { writes: 1, reads: 0 };
