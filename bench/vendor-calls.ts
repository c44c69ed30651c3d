/** Vendor writes and reads, and durable messages, per real change, per echo and per no-op, both ways. */
import { StackProcess, type Customer } from '../local/stack/stack-process.ts';
import { presenceCalls } from '../local/stack/presence-calls.ts';

const people = 10;

interface Cost {
  writes: number;
  reads: number;
  messages: number;
  commits: number;
}

type Person = Customer['users'][number];
type Act = (stack: StackProcess, person: Person) => Promise<void>;

const teams =
  (availability: string, activity: string): Act =>
  (stack, { userId }) =>
    stack.setTeams(userId, availability, activity);
const phone =
  (telephonyStatus: string): Act =>
  (stack, { extensionId }) =>
    stack.setRingCentral(extensionId, { telephonyStatus });

/** Everybody does each of these in turn; echoes arise from the writes of the step before and are part of its cost. */
const steps: readonly [string, Act][] = [
  ['Teams: call begins', teams('Busy', 'InACall')],
  ['Teams: no-op (call becomes a meeting)', teams('Busy', 'InAMeeting')],
  ['Teams: call is over', teams('Available', 'Available')],
  ['RingCentral: no-op (phone rings)', phone('Ringing')],
  ['RingCentral: call begins', phone('CallConnected')],
  ['RingCentral: no-op (on hold)', phone('OnHold')],
  ['RingCentral: call is over', phone('NoCall')],
];

/** Prints a line per step; the floor in rich mode is 1 write and 0 reads per change, 0 and 0 per no-op. */
export async function benchVendorCalls(notifications: 'rich' | 'basic'): Promise<void> {
  const stack = await StackProcess.start({ clock: 'virtual', args: ['--notifications', notifications] });
  try {
    const { users } = await stack.customer({ users: people });
    for (const person of users) await teams('Available', 'Available')(stack, person);
    await stack.idle();
    console.log(`\nCost per person and step, ${notifications} notifications (${people} people)`);
    console.log('  writes   reads  messages  commits  step');
    for (const [name, act] of steps) {
      await stack.advance('PT2M');
      const cost = await costOf(stack, async () => {
        for (const person of users) {
          await act(stack, person);
          await stack.idle();
        }
      });
      const columns = [cost.writes, cost.reads, cost.messages, cost.commits].map((count) =>
        (count / people).toFixed(2).padStart(8),
      );
      console.log(`${columns.join(' ')}  ${name}`);
    }
  } finally {
    await stack.stop();
  }
}

async function costOf(stack: StackProcess, act: () => Promise<void>): Promise<Cost> {
  const before = await costSoFar(stack);
  await act();
  const after = await costSoFar(stack);
  return {
    writes: after.writes - before.writes,
    reads: after.reads - before.reads,
    messages: after.messages - before.messages,
    commits: after.commits - before.commits,
  };
}

async function costSoFar(stack: StackProcess): Promise<Cost> {
  const graph = await presenceCalls(stack, 'graph');
  const ringCentral = await presenceCalls(stack, 'ringCentral');
  const { totalMessages, commits } = await stack.stats();
  return {
    writes: graph.writes + ringCentral.writes,
    reads: graph.reads + ringCentral.reads,
    messages: totalMessages,
    commits,
  };
}
