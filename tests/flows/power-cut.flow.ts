import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withoutBatches } from '../../local/stack/presence-calls.ts';
import { StackProcess, type Customer, type JournalEntry } from '../../local/stack/stack-process.ts';

let data: string;
let stack: StackProcess;
let port: number;

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'presence-hub-test-'));
  stack = await StackProcess.start({ clock: 'virtual', data });
  port = Number(new URL(stack.app).port);
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await rm(data, { recursive: true, force: true });
});

async function cutPower(): Promise<void> {
  await stack.kill();
  stack = await StackProcess.start({ clock: 'virtual', data, port });
}

/** Everybody's presence writes in the order in which the side took them. */
function writesByTarget(journal: JournalEntry[]): Map<string, string[]> {
  const writes = new Map<string, string[]>();
  for (const { method, path, status, body } of withoutBatches(journal)) {
    const write = /\/(?:users|extension)\/([^/]+)\/presence(?:\/(set|clear)Presence)?$/.exec(path);
    if (write === null || method === 'GET' || status >= 300) continue;
    const target = write[1] ?? '';
    const { sessionId: _same, expirationDuration: _too, ...shown } = (body ?? {}) as Record<string, unknown>;
    writes.set(target, [...(writes.get(target) ?? []), `${write[2] ?? 'put'} ${JSON.stringify(shown)}`]);
  }
  return writes;
}

test('killed three times in the middle of a burst, it converges, and no side is sent twice what it already shows', async () => {
  const customer: Customer = await stack.customer({ users: 24 });
  for (const { userId } of customer.users) await stack.setTeams(userId, 'Available', 'Available');
  await stack.idle();

  for (let cut = 0; cut < 3; cut++) {
    const third = customer.users.filter((_, index) => index % 3 === cut);
    await Promise.all(
      third.flatMap(({ userId, extensionId }, index) =>
        index % 2 === 0
          ? [stack.setTeams(userId, 'Busy', 'InACall')]
          : [stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' })],
      ),
    );
    await cutPower();
  }
  await stack.idle();
  await stack.advance('PT10M');

  for (const { userId, extensionId } of customer.users) {
    expect(await stack.teams(userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
    expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  }
  const repeated = [...writesByTarget(await stack.journal())].filter(([, writes]) =>
    writes.some((write, index) => index > 0 && write === writes[index - 1]),
  );
  expect(repeated).toEqual([]);
}, 120_000);

test('a change made while the power was out is found after the restart', async () => {
  const { users } = await stack.customer({ users: 1 });
  const [person] = users;
  if (person === undefined) throw new Error('The customer has no people.');
  await stack.fault({ vendor: 'ringCentral', kind: 'drop', count: 1 });
  await stack.setRingCentral(person.extensionId, { telephonyStatus: 'CallConnected' });
  await cutPower();
  await stack.idle();
  expect(await stack.teams(person.userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
}, 60_000);
