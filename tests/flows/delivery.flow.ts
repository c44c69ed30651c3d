import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StackProcess, type Customer, type JournalEntry } from '../../local/stack/stack-process.ts';

/** How writes are delivered: in what order, in how few messages, in batches, and again before what they set runs out. */
let stack: StackProcess;

beforeAll(async () => {
  stack = await StackProcess.start({ clock: 'virtual' });
}, 60_000);
afterAll(() => stack.stop());

type Person = Customer['users'][number];

const call = { telephonyStatus: 'CallConnected' };
const noCall = { telephonyStatus: 'NoCall' };

async function teamsWrites(): Promise<JournalEntry[]> {
  const journal = await stack.journal('graph');
  return journal.filter(({ path }) => /\/presence\/(set|clear)|\$batch/.test(path));
}

async function ringCentralWrites(): Promise<JournalEntry[]> {
  return (await stack.journal('ringCentral')).filter(({ method }) => method === 'PUT');
}

async function people(count: number): Promise<Person[]> {
  const { users } = await stack.customer({ users: count });
  return users;
}

test('a lone change costs seven durable messages: two to the outbox, one start, two for the write, two for the outcome', async () => {
  const [ada] = await people(1);
  const { userId = '', extensionId = '' } = ada ?? {};
  await stack.fault({ vendor: 'ringCentral', kind: 'late', delaySeconds: 30 });
  const before = await stack.stats();
  await stack.setTeams(userId, 'Busy', 'InACall');
  await stack.idle();
  expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  const after = await stack.stats();
  await stack.delete('/faults');
  expect(after.totalMessages - before.totalMessages).toBe(7);
});

test('the end of a call goes first: it is written at once, from what the storm has been left short of', async () => {
  const users = await people(45);
  await Promise.all(users.map(({ userId }) => stack.setTeams(userId, 'Busy', 'InACall')));
  await stack.idle();
  const stormed = await ringCentralWrites();
  const isWritten = ({ extensionId }: Person): boolean =>
    stormed.some(({ path }) => path.includes(`/${extensionId}/`));
  const held = users.filter(isWritten);
  const [first, second, ...others] = users.filter((person) => !isWritten(person));
  expect(held.length).toBeGreaterThan(20);
  expect(others.length).toBeGreaterThan(5);

  const [ended] = held;
  await stack.setTeams(second?.userId ?? '', 'DoNotDisturb', 'Presenting');
  await stack.idle();
  expect(await ringCentralWrites()).toHaveLength(stormed.length);
  await stack.setTeams(ended?.userId ?? '', 'Available', 'Available');
  await stack.idle();
  const urgent = (await ringCentralWrites()).slice(stormed.length);
  expect(urgent.map(({ path }) => path)).toEqual([expect.stringContaining(`/${ended?.extensionId}/`)]);
  expect(urgent[0]?.at).toBe(await stack.now());

  await stack.advance('PT2M');
  const later = (await ringCentralWrites()).slice(stormed.length + 1);
  expect(later).toHaveLength(others.length + 2);
  expect(later[0]?.path).toContain(`/${second?.extensionId}/`);
  expect(later.some(({ path }) => path.includes(`/${first?.extensionId}/`))).toBe(true);
  expect((await stack.journal('ringCentral')).filter(({ status }) => status === 429)).toEqual([]);
}, 60_000);

test('several Teams writes go in one batch, of which only the part that was throttled is sent again', async () => {
  const users = await people(6);
  const [ada, grace, ...others] = users;
  await stack.fault({
    vendor: 'graph',
    kind: 'throttle',
    retryAfterSeconds: 60,
    match: 'setPresence',
    count: 1,
  });
  await stack.setRingCentral(ada?.extensionId ?? '', call);
  await stack.idle();
  await Promise.all([grace, ...others].map((each) => stack.setRingCentral(each?.extensionId ?? '', call)));
  await stack.idle();
  const before = (await teamsWrites()).length;
  const throttled = grace?.userId ?? '';
  await stack.fault({ vendor: 'graph', kind: 'throttle', retryAfterSeconds: 20, match: throttled, count: 1 });
  await stack.advance('PT1M');
  const [batch, ...more] = (await teamsWrites()).slice(before);
  expect(batch).toMatchObject({ path: '/v1.0/$batch', body: { requests: [{}, {}, {}, {}, {}, {}] } });
  expect(more).toEqual([]);
  expect(await stack.teams(ada?.userId ?? '')).toMatchObject({ availability: 'Busy' });
  expect(await stack.teams(throttled)).not.toMatchObject({ availability: 'Busy' });
  await stack.advance('PT19S');
  expect(await teamsWrites()).toHaveLength(before + 1);
  await stack.advance('PT1S');
  const again = (await teamsWrites()).slice(before + 1);
  expect(again.map(({ path }) => path)).toEqual([`/v1.0/users/${throttled}/presence/setPresence`]);
  expect(await stack.teams(throttled)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
});

test('a long call is set again in Teams once before it would run out there, and taken back at its end', async () => {
  const [ada, grace] = await people(2);
  const { userId = '', extensionId = '' } = ada ?? {};
  const writes = async (): Promise<string[]> =>
    (await teamsWrites())
      .filter(({ path }) => path.includes(userId))
      .map(({ path }) => path.replace(/.*\//, ''));
  await stack.setTeams(userId, 'Available', 'Available');
  await stack.setRingCentral(extensionId, call);
  await stack.idle();
  // Another's short call, that is over long before, is not set again.
  await stack.setRingCentral(grace?.extensionId ?? '', call);
  await stack.idle();
  await stack.setRingCentral(grace?.extensionId ?? '', noCall);
  await stack.advance('PT3H49M');
  expect(await writes()).toEqual(['setPresence']);
  await stack.advance('PT12M');
  expect(await writes()).toEqual(['setPresence', 'setPresence']);
  expect(await stack.teams(userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
  await stack.advance('PT2H');
  await stack.setRingCentral(extensionId, noCall);
  await stack.idle();
  expect(await writes()).toEqual(['setPresence', 'setPresence', 'clearPresence']);
  expect(await stack.teams(userId)).toMatchObject({ availability: 'Available' });
  await stack.advance('PT9H');
  expect(await writes()).toHaveLength(3);
  const toGrace = (await teamsWrites()).filter(({ path }) => path.includes(grace?.userId ?? ''));
  expect(toGrace).toHaveLength(2);
}, 60_000);
