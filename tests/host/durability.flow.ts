/** A host that is killed again and again at any instant: nothing is lost, and nothing is finished twice. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporaryApp } from './temporary-app.ts';
import { Workflows } from './workflow-driver.ts';

const source = `
const df = require('durable-functions');
const ledger = new df.EntityId('list', 'ledger');
const total = new df.EntityId('counter', 'total');
df.app.orchestration('job', function* (context) {
  const { instanceId } = context.df;
  const steps = [];
  for (let step = 0; step < 4; step += 1) steps.push(yield context.df.callActivity('echo', step));
  const wide = [4, 5, 6].map((step) => context.df.callActivity('echo', step));
  steps.push(...(yield context.df.Task.all(wide)));
  const { said } = yield context.df.callSubOrchestrator('child', 7);
  yield context.df.callEntity(total, 'add', 1);
  context.df.signalEntity(ledger, 'push', instanceId);
  return [...steps, said];
});
`;

const jobs = Array.from({ length: 30 }, (_, index) => `job-${index}`);
const killAfterMs = [15, 120, 60, 240, 30, 180];

let appDir: string;
let dataDir: string;

beforeAll(() => {
  appDir = temporaryApp({}, {}, source);
  dataDir = mkdtempSync(join(tmpdir(), 'host-kills-'));
});

afterAll(() => {
  for (const dir of [appDir, dataDir]) rmSync(dir, { recursive: true, force: true });
});

const startApp = (): Promise<Workflows> =>
  Workflows.start(['--data', dataDir], { CALLS_FILE: join(dataDir, 'calls.txt') }, appDir);

/** Starts what is not there yet. A client that got no answer has to look first. */
async function startJobs(app: Workflows): Promise<void> {
  await Promise.all(
    jobs.map(async (id) => {
      if ((await app.api('GET', `instances/${id}`)).status !== 404) return;
      await app.client('start', { name: 'job', instanceId: id });
    }),
  );
}

async function runAndKill(afterMs: number): Promise<void> {
  const app = await startApp();
  const starting = startJobs(app).catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  await app.host.kill();
  await starting;
}

describe('a host that is killed six times over', () => {
  test('brings every job to its one end', async () => {
    for (const afterMs of killAfterMs) await runAndKill(afterMs);
    const app = await startApp();
    await startJobs(app);
    await app.host.idle();
    for (const id of jobs) {
      expect(await app.status(id)).toMatchObject({
        runtimeStatus: 'Completed',
        output: [0, 1, 2, 3, 4, 5, 6, 7],
      });
    }
    expect(((await app.state('list', 'ledger')) as string[]).toSorted()).toEqual(jobs.toSorted());
    expect(await app.state('counter', 'total')).toBe(jobs.length);
    await app.host.stop();
    const calls = readFileSync(join(dataDir, 'calls.txt'), 'utf8').trim().split('\n');
    expect(new Set(calls).size).toBe(jobs.length * 8);
    // Only what ran when the host was killed ran again.
    expect(calls.length).toBeLessThan(jobs.length * 8 + killAfterMs.length * 40);
  });
});
