/** Subscriptions that stand, are renewed, and tell nothing: noticed, made anew, told; and no alarm where there is nothing. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Customer, JournalEntry } from '../../local/stack/stack-process.ts';
import { expectInSync } from '../support/in-sync.ts';
import { person, StackWithData } from '../support/stack-with-data.ts';
import { thoroughTest } from '../support/thorough.ts';

let world: StackWithData;
let customer: Customer;

beforeEach(async () => {
  world = await StackWithData.start();
  customer = await world.stack.customer({ users: 3 });
});
afterEach(() => world.end());

const reads = {
  teams: () => world.requests('graph', /POST .*getPresencesByUserId/),
  ringCentral: () => world.requests('ringCentral', /GET \S*account\/~\/presence/),
};
const creations = {
  teams: () => world.requests('graph', /POST .*\/subscriptions 201/),
  ringCentral: () => world.requests('ringCentral', /POST .*\/subscription 200/),
};

function silence(side: 'teams' | 'ringCentral'): Promise<void> {
  const { microsoftTenantId, ringCentralAccountId } = customer;
  return world.stack.fault(
    side === 'teams'
      ? { vendor: 'graph', kind: 'silence', microsoftTenantId }
      : { vendor: 'ringCentral', kind: 'silence', ringCentralAccountId },
  );
}

async function alarms(): Promise<string[]> {
  const log = await world.stack.customerLog(customer.subscriptionId);
  return log.flatMap(({ happening }) =>
    happening?.kind === 'notificationsSilent' ? [String(happening['side'])] : [],
  );
}

/** The first person is called in RingCentral, or calls in Teams, and the end of it. */
async function call(side: 'teams' | 'ringCentral', state: 'begins' | 'ends', who = 0): Promise<void> {
  const { userId, extensionId } = person(customer, who);
  const [availability, activity] = state === 'begins' ? ['Busy', 'InACall'] : ['Available', 'Available'];
  if (side === 'teams') await world.stack.setTeams(userId, availability ?? '', activity ?? '');
  else
    await world.stack.setRingCentral(extensionId, {
      telephonyStatus: state === 'begins' ? 'CallConnected' : 'NoCall',
    });
  await world.stack.idle();
}

const isShown = {
  teams: async () => (await world.stack.ringCentral(person(customer).extensionId)).presenceStatus === 'Busy',
  ringCentral: async () => (await world.stack.teams(person(customer).userId)).activity === 'InACall',
};

describe.each(['teams', 'ringCentral'] as const)('a subscription of %s that has fallen silent', (side) => {
  test('is made anew within three quarters of an hour after it has last told something, and all is caught up on', async () => {
    await call(side, 'begins', 1);
    await call(side, 'ends', 1);
    const made = (await creations[side]()).length;
    await silence(side);
    await call(side, 'begins');
    expect(await isShown[side]()).toBe(false);
    await world.stack.advance('PT47M');
    expect(await isShown[side]()).toBe(true);
    expect((await creations[side]()).length).toBe(made + 1);
    expect(await alarms()).toEqual([side]);
    const told = (await world.stack.telemetry()).map(({ data: { baseData } }) => String(baseData['message']));
    expect(told.filter((message) => message === 'subscriptionSilent')).toHaveLength(1);
    await call(side, 'ends');
    await expectInSync(world.stack, person(customer));
  });

  thoroughTest('is shown with the connection', async () => {
    await silence(side);
    await call(side, 'begins');
    await world.stack.advance('PT30M');
    const code = await world.stack.customerCode(customer.subscriptionId);
    const response = await fetch(`${world.stack.app}/api/subscription/convergence`, {
      headers: { authorization: `Bearer ${code}` },
    });
    const now = Date.parse(await world.stack.now());
    const { sides } = (await response.json()) as {
      sides: Record<string, { connection: { health: string; silentAt: string | null } }>;
    };
    expect(sides[side]?.connection.health).toBe('connected');
    expect(Date.parse(sides[side]?.connection.silentAt ?? '')).toBeGreaterThan(now - 30 * 60_000);
    const other = side === 'teams' ? 'ringCentral' : 'teams';
    expect(sides[other]?.connection.silentAt).toBeNull();
  });

  thoroughTest('that falls silent again is not made anew more often than every two hours', async () => {
    for (let hour = 0; hour < 6; hour++) {
      await silence(side);
      await call(side, hour % 4 < 2 ? 'begins' : 'ends');
      await world.stack.advance('PT1H');
    }
    expect((await alarms()).length).toBeGreaterThanOrEqual(2);
    expect((await alarms()).length).toBeLessThanOrEqual(3);
  });
});

test('one lost notification is made up for, and is no alarm where others come', async () => {
  await world.stack.fault({ vendor: 'graph', kind: 'drop', count: 1 });
  await call('teams', 'begins');
  expect(await isShown.teams()).toBe(false);
  // The look finds the person; while it waits whether that is told yet, somebody else is told of.
  let isSuspected = false;
  for (let minute = 0; minute < 60 && !isSuspected; minute++) {
    const before = (await reads.teams()).length;
    await world.stack.advance('PT1M');
    isSuspected = (await reads.teams()).length > before;
  }
  await call('teams', 'begins', 1);
  await world.stack.advance('PT2M');
  expect(await isShown.teams()).toBe(true);
  expect(await alarms()).toEqual([]);
});

thoroughTest('an ordinary day, and a night without any change, are no alarm', async () => {
  for (let hour = 0; hour < 24; hour++) {
    const isWork = hour < 10;
    for (let part = 0; part < 4; part++) {
      const side = part % 2 === 0 ? 'teams' : 'ringCentral';
      if (isWork) await call(side, 'begins', part % 3);
      await world.stack.advance('PT8M');
      if (isWork) await call(side, 'ends', part % 3);
      await world.stack.advance('PT7M');
    }
  }
  expect(await alarms()).toEqual([]);
  expect((await creations.teams()).length).toBe(1);
  expect((await creations.ringCentral()).length).toBe(1);
  const atWork = [...(await reads.teams()), ...(await reads.ringCentral())].filter(isAtWork);
  // Those of the onboarding, and of a first look before anybody has changed.
  expect(atWork.length).toBeLessThanOrEqual(4);
});

function isAtWork({ at }: JournalEntry, _index: number, all: readonly JournalEntry[]): boolean {
  const first = Math.min(...all.map((entry) => Date.parse(entry.at)));
  return Date.parse(at) < first + 10 * 3_600_000;
}

test('24 idle hours cost at most 14 reads of each vendor, and nobody of the people a message', async () => {
  const before = { teams: (await reads.teams()).length, ringCentral: (await reads.ringCentral()).length };
  await world.stack.advance('PT24H');
  const after = { teams: (await reads.teams()).length, ringCentral: (await reads.ringCentral()).length };
  expect(after.teams - before.teams).toBeLessThanOrEqual(14);
  expect(after.ringCentral - before.ringCentral).toBeLessThanOrEqual(14);
  expect(await alarms()).toEqual([]);
});

test('nothing is looked for any more once the service has ended', async () => {
  await world.stack.post(`/marketplace/${customer.subscriptionId}/suspend`, {});
  await world.stack.idle();
  await world.stack.advance('PT2H');
  const before = [...(await reads.teams()), ...(await reads.ringCentral())].length;
  await world.stack.advance('PT12H');
  expect([...(await reads.teams()), ...(await reads.ringCentral())].length).toBe(before);
  const probes = (await world.operator('instances')) as { name: string; runtimeStatus: string }[];
  expect(
    probes.filter(({ name, runtimeStatus }) => name === 'probePresence' && runtimeStatus === 'Running'),
  ).toEqual([]);
});
