/** Notifications per second through the Graph trigger, against an empty HTTP function on the same host. */
import { join } from 'node:path';
import { projectDir } from '../local/stack/project.ts';
import { StackProcess } from '../local/stack/stack-process.ts';
import { recordingProxy } from './recording-proxy.ts';

const people = 20;
const requestsPerRound = 400;
const concurrency = 16;
const rounds = 5;

/** Prints both rates of each round, in turn on the same host, and the median of their ratios. */
export async function benchTriggerThroughput(): Promise<void> {
  const proxy = await recordingProxy(() => stack.app);
  const stack = await StackProcess.start({
    clock: 'virtual',
    args: [
      `--app=${join(projectDir(), 'bench/app-with-empty-function')}`,
      `--public-url=${proxy.url}`,
      '--log-level=error',
    ],
  });
  try {
    const notifications = await recordNotifications(stack, proxy.recorded);
    console.log(`\nRequests per second (${requestsPerRound} per round, ${concurrency} at once)`);
    console.log('  empty function  Graph trigger  ratio');
    const ratios: number[] = [];
    await rate(`${stack.app}/api/empty`, notifications);
    for (let round = 0; round < rounds; round++) {
      const empty = await rate(`${stack.app}/api/empty`, notifications);
      const trigger = await rate(`${stack.app}/api/graph/notifications`, notifications);
      await stack.idle();
      ratios.push(trigger / empty);
      const columns = [empty.toFixed(0).padStart(16), trigger.toFixed(0).padStart(14)];
      console.log(`${columns.join(' ')} ${(trigger / empty).toFixed(2).padStart(6)}`);
    }
    const median = ratios.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
    console.log(`  median ratio: ${median.toFixed(2)}`);
  } finally {
    await stack.stop();
    await proxy.close();
  }
}

/** Graph's own notifications, signed and encrypted, one for each change of each person. */
async function recordNotifications(stack: StackProcess, recorded: readonly string[]): Promise<string[]> {
  const { users } = await stack.customer({ users: people });
  for (const activity of ['InACall', 'InAMeeting', 'InACall', 'InAMeeting']) {
    for (const { userId } of users) {
      await stack.setTeams(userId, 'Busy', activity);
      await stack.idle();
    }
    await stack.advance('PT2M');
  }
  return [...recorded];
}

async function rate(url: string, bodies: readonly string[]): Promise<number> {
  const started = performance.now();
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < requestsPerRound) {
      const body = bodies[next++ % bodies.length] ?? '';
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      if (response.status !== 202) throw new Error(`${url}: HTTP ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
  return requestsPerRound / ((performance.now() - started) / 1000);
}
