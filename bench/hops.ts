/**
 * `npm run bench -- hops`: a lone change through the engine. On the virtual clock the durable messages that lie between the
 * vendor's notification and our write are counted, while the write is held; on the real clock it is timed, with vendors that
 * answer at once.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { StackProcess, type Customer } from '../local/stack/stack-process.ts';
import { percentile } from './day/day.ts';

const samples = 40;
const holdMs = 3000;

interface Way {
  name: string;
  vendor: 'graph' | 'ringCentral';
  match: string;
  begin: (stack: StackProcess, person: Customer['users'][number]) => Promise<void>;
  end: (stack: StackProcess, person: Customer['users'][number]) => Promise<void>;
}

const ways: readonly Way[] = [
  {
    name: 'Teams to RingCentral',
    vendor: 'ringCentral',
    match: '/presence',
    begin: (stack, { userId }) => stack.setTeams(userId, 'Busy', 'InACall'),
    end: (stack, { userId }) => stack.setTeams(userId, 'Available', 'Available'),
  },
  {
    name: 'RingCentral to Teams',
    vendor: 'graph',
    match: 'POST',
    begin: (stack, { extensionId }) =>
      stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' }),
    end: (stack, { extensionId }) => stack.setRingCentral(extensionId, { telephonyStatus: 'NoCall' }),
  },
];

/** Prints the messages up to the write and after it, and the time. */
export async function benchHops(): Promise<void> {
  console.log('\nA lone change through the engine');
  for (const way of ways) await countHops(way);
  for (const way of ways) await time(way);
}

async function countHops({ name, vendor, match, begin }: Way): Promise<void> {
  const stack = await StackProcess.start({ clock: 'virtual', args: ['--log-level=error'] });
  try {
    const [person] = (await stack.customer({ users: 1 })).users;
    if (person === undefined) throw new Error('The customer has nobody.');
    await stack.advance('PT2M');
    const before = await stack.stats();
    await stack.fault({ vendor, kind: 'timeout', holdMs, match, count: 1 });
    await begin(stack, person);
    const held = await whenStill(stack);
    await stack.idle();
    const between = difference(held.messages, before.messages);
    const after = await stack.stats();
    console.log(`  ${name}: ${total(between)} durable messages up to the write, of which`);
    console.log(`    ${list(between)}`);
    console.log(
      `    (the write was cut off and made again: ${total(difference(after.messages, held.messages))} more)`,
    );
  } finally {
    await stack.stop();
  }
}

/** The counts once they have stood still for a while, as they do while the write is held. */
async function whenStill(stack: StackProcess): Promise<Awaited<ReturnType<StackProcess['stats']>>> {
  let stats = await stack.stats();
  for (let same = 0; same < 5;) {
    await pause(150);
    const next = await stack.stats();
    same = next.totalMessages === stats.totalMessages ? same + 1 : 0;
    stats = next;
  }
  return stats;
}

async function time({ name, vendor, begin, end }: Way): Promise<void> {
  const stack = await StackProcess.start({ clock: 'real', args: ['--log-level=error'] });
  try {
    const { users } = await stack.customer({ users: samples });
    await pause(500);
    const took: number[] = [];
    for (const person of users) {
      const seen = (await writesOf(stack, vendor)).length;
      const started = Date.now();
      await begin(stack, person);
      const write = await firstWrite(stack, vendor, seen);
      took.push(write - started);
      await end(stack, person);
      await firstWrite(stack, vendor, seen + 1);
      await stack.idle();
      // Below RingCentral's 40 writes a minute, or the wait would be the vendor's.
      await pause(vendor === 'ringCentral' ? 3200 : 0);
    }
    const [p50, p95] = [percentile(took, 0.5), percentile(took, 0.95)];
    console.log(
      `  ${name}: p50 ${p50} ms, p95 ${p95} ms from the person's change to the vendor's receipt of our write`,
    );
  } finally {
    await stack.stop();
  }
}

async function writesOf(stack: StackProcess, vendor: Way['vendor']): Promise<number[]> {
  const isWrite = vendor === 'graph' ? /(set|clear)Presence|\$batch/ : /\/presence$/;
  const journal = await stack.journal(vendor);
  return journal
    .filter(({ method, path }) => method !== 'GET' && isWrite.test(path))
    .map(({ at }) => Date.parse(at));
}

async function firstWrite(stack: StackProcess, vendor: Way['vendor'], after: number): Promise<number> {
  for (;;) {
    const at = (await writesOf(stack, vendor))[after];
    if (at !== undefined) return at;
    await pause(5);
  }
}

type Counts = Record<string, number>;

function difference(after: Counts, before: Counts): Counts {
  const all = Object.entries(after).map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const);
  return Object.fromEntries(all.filter(([, count]) => count !== 0));
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function list(counts: Counts): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
