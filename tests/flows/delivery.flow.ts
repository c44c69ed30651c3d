import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Customer, JournalEntry, StackProcess } from '../../local/stack/stack-process.ts';
import { StackWithData } from '../support/stack-with-data.ts';

/** How writes are delivered: in what order, in how few messages, in batches, and again before what they set runs out. */
let world: StackWithData;
let stack: StackProcess;

beforeAll(async () => {
  world = await StackWithData.start();
  stack = world.stack;
}, 60_000);
afterAll(() => world.end());

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
  const everybody = await people(60);
  const [inCalls, users] = [everybody.slice(0, 10), everybody.slice(10)];
  const begin = (those: readonly Person[]) =>
    Promise.all(those.map(({ userId }) => stack.setTeams(userId, 'Busy', 'InACall')));
  await begin(inCalls);
  await stack.idle();
  await stack.advance('PT2M');
  await begin(users);
  await stack.idle();
  const stormed = await ringCentralWrites();
  const isWritten = ({ extensionId }: Person): boolean =>
    stormed.some(({ path }) => path.includes(`/${extensionId}/`));
  const [first, second, ...others] = users.filter((person) => !isWritten(person));
  expect(users.filter(isWritten).length).toBeGreaterThan(25);
  expect(others.length).toBeGreaterThan(5);

  const [ended] = inCalls;
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

test('a 429 stops every write until its time is over, whoever comes meanwhile, and however urgent', async () => {
  const [ada, grace, edsger] = await people(3);
  const put = async (person: Person | undefined): Promise<string[]> =>
    (await ringCentralWrites())
      .filter(({ path }) => path.includes(`/${person?.extensionId}/`))
      .map(({ at, status }) => `${at} ${status}`);
  await stack.setTeams(ada?.userId ?? '', 'Busy', 'InACall');
  await stack.advance('PT1M');
  await stack.fault({
    vendor: 'ringCentral',
    kind: 'throttle',
    retryAfterSeconds: 90,
    match: 'PUT',
    count: 1,
  });
  await stack.setTeams(grace?.userId ?? '', 'Busy', 'InACall');
  await stack.idle();
  const before = (await ringCentralWrites()).length;
  await stack.advance('PT30S');
  await stack.setTeams(ada?.userId ?? '', 'Available', 'Available');
  await stack.setTeams(edsger?.userId ?? '', 'DoNotDisturb', 'Presenting');
  await stack.advance('PT59S');
  expect(await ringCentralWrites()).toHaveLength(before);
  await stack.advance('PT1S');
  const now = await stack.now();
  expect((await ringCentralWrites()).slice(-3).map(({ path }) => /extension\/(\d+)/.exec(path)?.[1])).toEqual(
    [ada, edsger, grace].map((person) => person?.extensionId),
  );
  expect((await put(grace)).map((write) => write.slice(-3))).toEqual(['429', '200']);
  expect((await put(edsger)).at(-1)).toBe(`${now} 200`);
});

test('a write that is to wait is waited for, and does not hold up another that comes meanwhile', async () => {
  const { users, subscriptionId } = await stack.customer({ users: 2 });
  const [ada, grace] = users;
  const at = await stack.now();
  const notBefore = new Date(Date.parse(at) + 10 * 60_000).toISOString();
  const wish = {
    userId: ada?.userId,
    targetId: ada?.extensionId,
    revision: 1,
    hold: 'busy',
    baseline: null,
    certain: true,
    notBefore,
    write: { userStatus: 'Busy' },
  };
  await world.operator(`entities/presenceOutbox/${subscriptionId}:ringCentral?op=wish`, { wish, at });
  await stack.advance('PT1M');
  const before = (await ringCentralWrites()).length;
  const meanwhile = await stack.now();
  await stack.setTeams(grace?.userId ?? '', 'Busy', 'InACall');
  await stack.idle();
  await stack.advance('PT20M');
  const writes = (await ringCentralWrites()).slice(before);
  expect(writes.map(({ path }) => /extension\/(\d+)/.exec(path)?.[1])).toEqual([
    grace?.extensionId,
    ada?.extensionId,
  ]);
  expect(writes.map((each) => each.at)).toEqual([meanwhile, notBefore]);
});
