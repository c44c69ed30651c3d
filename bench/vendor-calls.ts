/** Vendor writes and reads, and durable messages, per real change, per echo and per no-op, both ways. */
import { presenceCalls } from '../local/stack/presence-calls.ts';
import { StackProcess, type Customer } from '../local/stack/stack-process.ts';

const people = 10;

interface Cost {
  writes: number;
  reads: number;
  messages: number;
  commits: number;
}

type Person = Customer['users'][number];

interface Step {
  name: string;
  act: (stack: StackProcess, person: Person) => Promise<void>;
  /** Where the step leads to a write, whose echo is then measured by itself. */
  writesTo?: 'graph' | 'ringCentral';
}

const teams =
  (availability: string, activity: string): Step['act'] =>
  (stack, { userId }) =>
    stack.setTeams(userId, availability, activity);
const phone =
  (telephonyStatus: string): Step['act'] =>
  (stack, { extensionId }) =>
    stack.setRingCentral(extensionId, { telephonyStatus });

/** Everybody does each of these in turn. */
const steps: readonly Step[] = [
  { name: 'Teams: call begins', act: teams('Busy', 'InACall'), writesTo: 'ringCentral' },
  { name: 'Teams: no-op (call becomes a meeting)', act: teams('Busy', 'InAMeeting') },
  { name: 'Teams: call is over', act: teams('Available', 'Available'), writesTo: 'ringCentral' },
  { name: 'RingCentral: no-op (phone rings)', act: phone('Ringing') },
  { name: 'RingCentral: call begins', act: phone('CallConnected'), writesTo: 'graph' },
  { name: 'RingCentral: no-op (on hold)', act: phone('OnHold') },
  { name: 'RingCentral: call is over', act: phone('NoCall'), writesTo: 'graph' },
];

/** Prints a line per step and per echo; the floor with rich notifications is one write and no read per change. */
export async function benchVendorCalls(notifications: 'rich' | 'basic'): Promise<void> {
  const stack = await StackProcess.start({ clock: 'virtual', args: ['--notifications', notifications] });
  try {
    const { users } = await stack.customer({ users: people });
    console.log(`\nPer person, ${notifications} notifications (${people} people)`);
    console.log('  writes    reads messages  commits');
    for (const { name, act, writesTo } of steps) {
      // The echo of what this step writes is held back, so that it can be measured by itself.
      if (writesTo) await stack.fault({ vendor: writesTo, kind: 'late', delaySeconds: 30 });
      const change = await costOf(stack, async () => {
        for (const person of users) {
          await act(stack, person);
          await stack.idle();
        }
      });
      printRow(change, name);
      if (!writesTo) continue;
      printRow(await costOf(stack, () => stack.advance('PT40S')), '  its echo');
      await stack.delete('/faults');
      await stack.advance('PT2M');
    }
  } finally {
    await stack.stop();
  }
}

function printRow({ writes, reads, messages, commits }: Cost, name: string): void {
  const columns = [writes, reads, messages, commits].map((count) => (count / people).toFixed(2).padStart(8));
  console.log(`${columns.join(' ')}  ${name}`);
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
