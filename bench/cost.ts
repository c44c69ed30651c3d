/**
 * `npm run bench -- cost [users …]`: durable messages and commits to the task hub per change and per idle user and day, with a
 * hundred users and with many thousand. What each costs is to be the same.
 */
import { StackProcess, type Customer } from '../local/stack/stack-process.ts';
import { goal } from './day/day.ts';

/** Customers are of at most so many people, two shards each. */
const usersPerCustomer = 1000;
const changes = 60;

interface Cost {
  messagesPerChange: number;
  commitsPerChange: number;
  messagesPerIdleDay: number;
  commitsPerIdleDay: number;
}

/** Prints a line for each size; flat means that the largest costs at most 1.2 times the smallest. */
export async function benchCost(sizes: readonly number[]): Promise<void> {
  console.log(`\nCost on the task hub (${changes} lone changes, then a day of quiet)`);
  console.log('     users   messages    commits   messages    commits');
  console.log('           per change per change  per idle user and day');
  const costs: Cost[] = [];
  for (const users of sizes) {
    const started = performance.now();
    const cost = await costWith(users);
    costs.push(cost);
    const cells = [
      cost.messagesPerChange,
      cost.commitsPerChange,
      cost.messagesPerIdleDay,
      cost.commitsPerIdleDay,
    ].map((count) => count.toFixed(2).padStart(10));
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(`${String(users).padStart(10)} ${cells.join(' ')}   (${seconds} s)`);
  }
  const [first] = costs;
  if (first === undefined) return;
  const growth = (read: (cost: Cost) => number): number => Math.max(...costs.map(read)) / read(first);
  goal(
    'messages per change at most 1.2 times, whatever the size',
    growth((cost) => cost.messagesPerChange) <= 1.2,
  );
  goal(
    'commits per change at most 1.2 times, whatever the size',
    growth((cost) => cost.commitsPerChange) <= 1.2,
  );
}

async function costWith(users: number): Promise<Cost> {
  const stack = await StackProcess.start({
    clock: 'virtual',
    args: ['--log-level=error', '--start=2026-03-02T08:00:00Z'],
  });
  try {
    const customers: Customer[] = [];
    for (let left = users; left > 0; left -= usersPerCustomer) {
      customers.push(await stack.customer({ users: Math.min(left, usersPerCustomer) }));
    }
    await stack.advance('PT5M');
    const people = customers.flatMap((customer) => customer.users);
    const step = Math.max(1, Math.floor(people.length / changes));
    const chosen = people.filter((_, index) => index % step === 0).slice(0, changes);
    const busy = await spentDuring(stack, async () => {
      for (const [index, { userId, extensionId }] of chosen.entries()) {
        if (index % 2 === 0) await stack.setTeams(userId, 'Busy', 'InACall');
        else await stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
        await stack.idle();
      }
    });
    await stack.advance('PT5M');
    const idle = await spentDuring(stack, () => aDay(stack));
    return {
      messagesPerChange: busy.messages / chosen.length,
      commitsPerChange: busy.commits / chosen.length,
      messagesPerIdleDay: idle.messages / users,
      commitsPerIdleDay: idle.commits / users,
    };
  } finally {
    await stack.stop();
  }
}

/** Hour by hour: with very many users a whole day would take longer than a request may. */
async function aDay(stack: StackProcess): Promise<void> {
  for (let hour = 0; hour < 24; hour++) await stack.advance('PT1H');
}

async function spentDuring(
  stack: StackProcess,
  act: () => Promise<void>,
): Promise<{ messages: number; commits: number }> {
  const before = await stack.stats();
  await act();
  const after = await stack.stats();
  return {
    messages: after.totalMessages - before.totalMessages,
    commits: after.commits - before.commits,
  };
}
