import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { StackProcess, type JournalEntry } from '../../local/stack/stack-process.ts';
import { expectInSync } from '../support/in-sync.ts';
import { person } from '../support/stack-with-data.ts';
import { thoroughTest } from '../support/thorough.ts';

let stack: StackProcess;

beforeAll(async () => {
  stack = await StackProcess.start({ clock: 'virtual' });
}, 60_000);
afterAll(() => stack.stop());

async function requests(vendor: string, method: string, path: RegExp, since = 0): Promise<JournalEntry[]> {
  const journal = (await stack.journal(vendor)).slice(since);
  return journal.filter((entry) => entry.method === method && path.test(entry.path));
}

async function length(vendor: string): Promise<number> {
  return (await stack.journal(vendor)).length;
}

const subscriptionPath = /\/subscriptions?(\/|$)/;

describe('over 24 hours', () => {
  test('the Graph subscription lives on without a gap or a leak, and work that is done leaves no trace', async () => {
    const customer = await stack.customer({ users: 3 });
    const since = await length('graph');
    await stack.advance('PT24H');
    const made = await requests('graph', 'POST', /\/subscriptions$/, since);
    const renewals = await requests('graph', 'PATCH', subscriptionPath, since);
    expect(made).toEqual([]);
    expect(renewals.length).toBeGreaterThanOrEqual(24);
    expect(renewals.length).toBeLessThanOrEqual(40);
    expect(renewals.every((entry) => entry.status === 200)).toBe(true);
    expect(longestGapMinutes(renewals)).toBeLessThan(60);
    await expectInSync(stack, person(customer));
  });
});

describe('the Graph subscription', () => {
  test.each(['reauthorizationRequired', 'subscriptionRemoved', 'missed'])(
    'is whole again after Graph says %s',
    async (event) => {
      const customer = await stack.customer({ users: 2 });
      await stack.advance('PT11M');
      await stack.fault({
        vendor: 'graph',
        kind: 'lifecycle',
        event,
        microsoftTenantId: customer.microsoftTenantId,
      });
      await stack.idle();
      await expectInSync(stack, person(customer));
    },
  );

  test('is made anew, and presence read, after Graph has removed it', async () => {
    const customer = await stack.customer({ users: 2 });
    const since = await length('graph');
    await stack.fault({
      vendor: 'graph',
      kind: 'lifecycle',
      event: 'subscriptionRemoved',
      microsoftTenantId: customer.microsoftTenantId,
    });
    await stack.idle();
    expect(await requests('graph', 'POST', /\/subscriptions$/, since)).toHaveLength(1);
    expect(await requests('graph', 'POST', /getPresencesByUserId/, since)).toHaveLength(1);
  });

  test('is adopted when an earlier attempt made it but its answer was lost', async () => {
    await stack.fault({ vendor: 'graph', kind: 'dropResponse', match: 'POST /v1.0/subscriptions', count: 1 });
    const since = await length('graph');
    const customer = await stack.customer({ users: 2 });
    await stack.advance('PT5M');
    const made = await requests('graph', 'POST', /\/subscriptions$/, since);
    expect(made.map((entry) => entry.status)).toEqual([201, 409]);
    await expectInSync(stack, person(customer));
  });

  test('catches up on what changed while Graph could not be reached', async () => {
    const customer = await stack.customer({ users: 1 });
    const [person] = customer.users;
    await stack.fault({ vendor: 'graph', kind: 'status', status: 503 });
    await stack.fault({ vendor: 'graph', kind: 'drop' });
    await stack.setTeams(person?.userId ?? '', 'Busy', 'InACall');
    await stack.advance('PT2H');
    await stack.delete('/faults');
    await stack.advance('PT5M');
    expect(await stack.ringCentral(person?.extensionId ?? '')).toMatchObject({ presenceStatus: 'Busy' });
  });
});

describe('the RingCentral subscription', () => {
  test.each(['blacklist', 'removeSubscription'])(
    'is replaced after a %s, and presence is read',
    async (kind) => {
      const customer = await stack.customer({ users: 2 });
      const one = person(customer);
      const { ringCentralAccountId } = customer;
      await stack.fault({ vendor: 'ringCentral', kind, ringCentralAccountId });
      await stack.setRingCentral(one.extensionId, { telephonyStatus: 'CallConnected' });
      await stack.idle();
      expect(await stack.teams(one.userId)).not.toMatchObject({ activity: 'InACall' });
      await stack.advance('PT20M');
      expect(await stack.teams(one.userId)).toMatchObject({ activity: 'InACall' });
      await stack.setRingCentral(one.extensionId, { telephonyStatus: 'NoCall' });
      await stack.idle();
      await stack.setTeams(one.userId, 'Available', 'Available');
      await expectInSync(stack, one);
    },
  );
});

thoroughTest(
  'the RingCentral subscription, which lives for seven days, is renewed in the middle of its life',
  async () => {
    const fresh = await StackProcess.start({ clock: 'virtual' });
    try {
      await fresh.customer({ users: 1 });
      await fresh.advance('P4D');
      const journal = await fresh.journal('ringCentral');
      const about = (method: string, path: RegExp): JournalEntry[] =>
        journal.filter((entry) => entry.method === method && path.test(entry.path));
      expect(about('POST', /\/subscription$/)).toHaveLength(1);
      expect(about('POST', /\/subscription\/[^/]+\/renew$/)).toHaveLength(1);
    } finally {
      await fresh.stop();
    }
  },
);

function longestGapMinutes(entries: JournalEntry[]): number {
  const times = entries.map((entry) => Date.parse(entry.at));
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return Math.max(...gaps) / 60_000;
}
