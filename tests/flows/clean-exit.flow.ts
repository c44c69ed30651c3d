/** A customer is left as if we had never been there, and served again when it comes back. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { exitId, graphKeeperId, resumptionId, ringCentralKeeperId } from '../../contracts/identities.ts';
import type { TenantState } from '../../domain/lifecycle.ts';
import { StackWithData, person } from '../support/stack-with-data.ts';
import type { Customer } from '../../local/stack/stack-process.ts';
import { expectInSync } from '../support/in-sync.ts';
import { thoroughTest } from '../support/thorough.ts';

let world: StackWithData;

beforeEach(async () => {
  world = await StackWithData.start();
}, 60_000);
afterEach(() => world.end());

/** What the marketplace has brought about, as the database knows it. */
async function becomes({ subscriptionId }: Customer, state: TenantState, version: number): Promise<void> {
  await marketplaceIsAway();
  const changedAt = await world.stack.now();
  world.sql(
    `UPDATE subscriptions SET state = '${state}', version = ${version}, entered = ${version}, begun = ${version},
     changed_at = '${changedAt}' WHERE tenant_id = '${subscriptionId}'`,
  );
}

/** The marketplace knows nothing of the states that these flows set: it is away, so that nobody compares. */
async function marketplaceIsAway(): Promise<void> {
  await world.stack.fault({ vendor: 'marketplace', kind: 'status', status: 503 });
}

async function clearFaults(): Promise<void> {
  await world.stack.delete('/faults');
  await marketplaceIsAway();
}

async function startExit({ subscriptionId: tenantId }: Customer, version = 2): Promise<void> {
  await world.operator(`orchestrators/leaveCleanly/${exitId(tenantId, version)}`, { tenantId, version });
  await world.stack.idle();
}

async function suspend(customer: Customer, version = 2): Promise<void> {
  await becomes(customer, 'suspended', version);
  await startExit(customer, version);
}

async function onboard({ subscriptionId: tenantId }: Customer, version: number): Promise<void> {
  const path = `orchestrators/onboardTenant/${resumptionId(tenantId, version)}`;
  await world.operator(path, { tenantId, version });
  await world.stack.idle();
}

async function comeBack(customer: Customer, version = 3): Promise<void> {
  await becomes(customer, 'active', version);
  await onboard(customer, version);
}

/** Who has ended well may have been purged since. */
async function statusOf(instanceId: string): Promise<string> {
  const answer = await world.operator(`instances/${instanceId}`).catch((error: unknown) => {
    if (error instanceof Error && error.message.endsWith('HTTP 404')) return { runtimeStatus: 'Completed' };
    throw error;
  });
  return z.object({ runtimeStatus: z.string() }).parse(answer).runtimeStatus;
}

const exitStatus = ({ subscriptionId }: Customer, version = 2): Promise<string> =>
  statusOf(exitId(subscriptionId, version));

/** How many subscriptions have been made at a vendor, and how many removed there. */
async function subscriptions(vendor: 'graph' | 'ringCentral'): Promise<{ made: number; removed: number }> {
  const made = await world.requests(vendor, /^POST \S+\/subscriptions? 20/);
  const removed = await world.requests(vendor, /^DELETE \S+\/subscriptions?\/\S+ 20/);
  return { made: made.length, removed: removed.length };
}

async function calls(): Promise<number> {
  const journals = await Promise.all(['graph', 'ringCentral'].map((vendor) => world.stack.journal(vendor)));
  return journals.flat().length;
}

/** One person on the phone in RingCentral, and one presenting in Teams, each shown so on the other side. */
async function twoHeld(): Promise<{
  customer: Customer;
  caller: Customer['users'][number];
  presenter: Customer['users'][number];
}> {
  const { stack } = world;
  const customer = await stack.customer({ users: 3 });
  const [caller, presenter] = [person(customer), person(customer, 1)];
  await stack.setRingCentral(caller.extensionId, { telephonyStatus: 'CallConnected' });
  await stack.setTeams(presenter.userId, 'DoNotDisturb', 'Presenting');
  await stack.idle();
  expect(await stack.teams(caller.userId)).toMatchObject({ activity: 'InACall' });
  expect(await stack.ringCentral(presenter.extensionId)).toMatchObject({ dndStatus: 'DoNotAcceptAnyCalls' });
  return { customer, caller, presenter };
}

describe('a customer that is left', () => {
  test('shows at both vendors what its people do there themselves, and is not called for again', async () => {
    const { stack } = world;
    const { customer, caller, presenter } = await twoHeld();
    await suspend(customer);
    await stack.advance('PT2M');
    expect(await exitStatus(customer)).toBe('Completed');
    expect(await stack.teams(caller.userId)).toMatchObject({ availability: 'Available' });
    expect(await stack.ringCentral(presenter.extensionId)).toMatchObject({
      dndStatus: 'TakeAllCalls',
      userStatus: 'Available',
    });
    expect(await subscriptions('graph')).toEqual({ made: 1, removed: 1 });
    expect(await subscriptions('ringCentral')).toEqual({ made: 1, removed: 1 });
    const { subscriptionId } = customer;
    for (const keeper of [graphKeeperId(subscriptionId, 0), ringCentralKeeperId(subscriptionId)]) {
      expect(await statusOf(keeper)).toBe('Completed');
    }

    const before = await calls();
    await stack.setTeams(caller.userId, 'Busy', 'InACall');
    await stack.setRingCentral(presenter.extensionId, { telephonyStatus: 'CallConnected' });
    await stack.advance('P3D');
    await world.restart();
    await world.stack.advance('PT1H');
    expect(await calls()).toBe(before);
  }, 60_000);

  test('is served again when it comes back, without any new consent', async () => {
    const { stack } = world;
    const { customer, caller, presenter } = await twoHeld();
    await suspend(customer);
    await stack.advance('P2D');
    await stack.setTeams(presenter.userId, 'Available', 'Available');
    await comeBack(customer);
    // The call has gone on all the time.
    expect(await stack.teams(caller.userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
    expect(await subscriptions('graph')).toEqual({ made: 2, removed: 1 });
    expect(await subscriptions('ringCentral')).toEqual({ made: 2, removed: 1 });
    await expectInSync(world.stack, presenter);
    await expectInSync(world.stack, person(customer, 2));
    await stack.advance('P1D');
    await expectInSync(world.stack, presenter);
  }, 60_000);

  thoroughTest('may be left twice, and a second exit ends as well', async () => {
    const { stack } = world;
    const { customer } = await twoHeld();
    await suspend(customer);
    await stack.advance('PT2M');
    const before = await calls();
    await startExit(customer);
    await stack.advance('PT2M');
    expect(await exitStatus(customer)).toBe('Completed');
    await becomes(customer, 'cancelled', 3);
    await startExit(customer, 3);
    await stack.advance('PT2M');
    expect(await exitStatus(customer, 3)).toBe('Completed');
    expect(await calls()).toBe(before);
  });

  test('may be one that nobody knows, or of whom nobody is mapped, and the exit ends at once', async () => {
    const customer = await world.stack.customer({ users: 1 });
    world.sql(`DELETE FROM mappings`);
    await suspend(customer);
    await world.stack.advance('PT10S');
    expect(await exitStatus(customer)).toBe('Completed');
    const nobody = { ...customer, subscriptionId: '0d9b2c1e-6f0a-4a55-9a3e-2f5b8f3f7a11' };
    await startExit(nobody);
    expect(await exitStatus(nobody)).toBe('Completed');
  });

  thoroughTest(
    'has all its people let go of, page by page',
    async () => {
      const { stack } = world;
      const customer = await stack.customer({ users: 450 });
      const last = person(customer, 449);
      await stack.setRingCentral(last.extensionId, { telephonyStatus: 'CallConnected' });
      await stack.idle();
      await suspend(customer);
      await stack.advance('PT5M');
      expect(await exitStatus(customer)).toBe('Completed');
      expect(await stack.teams(last.userId)).toMatchObject({ availability: 'Available' });
    },
    60_000,
  );
});

describe('what gets in the way of an exit', () => {
  test('a vendor that is away for a while is waited for', async () => {
    const { stack } = world;
    const { customer, caller, presenter } = await twoHeld();
    for (const vendor of ['graph', 'ringCentral']) await stack.fault({ vendor, kind: 'status', status: 503 });
    await suspend(customer);
    await stack.advance('PT30M');
    expect(await exitStatus(customer)).toBe('Running');
    await clearFaults();
    await stack.advance('PT10M');
    expect(await exitStatus(customer)).toBe('Completed');
    expect(await stack.teams(caller.userId)).toMatchObject({ availability: 'Available' });
    expect(await stack.ringCentral(presenter.extensionId)).toMatchObject({ dndStatus: 'TakeAllCalls' });
    expect(await subscriptions('graph')).toEqual({ made: 1, removed: 1 });
    expect(await subscriptions('ringCentral')).toEqual({ made: 1, removed: 1 });
  });

  test('a vendor that stays away holds up nobody: the exit ends, and what was left behind goes when the customer is back', async () => {
    const { stack } = world;
    const { customer, presenter } = await twoHeld();
    await stack.fault({ vendor: 'ringCentral', kind: 'status', status: 503 });
    await suspend(customer);
    await stack.advance('PT75M');
    expect(await exitStatus(customer)).toBe('Completed');
    await clearFaults();
    const before = await calls();
    await stack.advance('P2D');
    expect(await calls()).toBe(before);
    expect(await stack.ringCentral(presenter.extensionId)).toMatchObject({
      dndStatus: 'DoNotAcceptAnyCalls',
    });

    await stack.setTeams(presenter.userId, 'Available', 'Available');
    await comeBack(customer);
    await stack.advance('PT1M');
    expect(await stack.ringCentral(presenter.extensionId)).toMatchObject({ dndStatus: 'TakeAllCalls' });
    await expectInSync(world.stack, presenter);
  }, 60_000);

  thoroughTest(
    'trouble of our own with writing holds up nobody, and nothing is written once the exit has ended',
    async () => {
      const { stack } = world;
      const { customer, caller } = await twoHeld();
      await world.withoutTable('delivery_attempts', async () => {
        await suspend(customer);
        await stack.advance('PT75M');
        expect(await exitStatus(customer)).toBe('Completed');
      });
      const before = await calls();
      await stack.advance('PT3H');
      expect(await calls()).toBe(before);
      await comeBack(customer);
      await stack.setRingCentral(caller.extensionId, { telephonyStatus: 'NoCall' });
      await stack.idle();
      expect(await stack.teams(caller.userId)).toMatchObject({ availability: 'Available' });
      await expectInSync(world.stack, person(customer, 2));
    },
    60_000,
  );

  thoroughTest(
    'what was left behind is put back by the next exit, when the customer is gone for good',
    async () => {
      const { stack } = world;
      const { customer, presenter } = await twoHeld();
      await stack.fault({ vendor: 'ringCentral', kind: 'status', status: 503 });
      await suspend(customer);
      await stack.advance('P1D');
      await clearFaults();
      await becomes(customer, 'cancelled', 3);
      await startExit(customer, 3);
      await stack.advance('PT5M');
      expect(await exitStatus(customer, 3)).toBe('Completed');
      expect(await stack.ringCentral(presenter.extensionId)).toMatchObject({ dndStatus: 'TakeAllCalls' });
      const before = await calls();
      await stack.advance('P1D');
      expect(await calls()).toBe(before);
      const events = (await stack.telemetry()).map(({ data }) => data.baseData.properties);
      expect(events.filter(({ reason }) => reason === 'unavailable')).toMatchObject([
        { side: 'ringCentral', count: '1' },
      ]);
    },
    60_000,
  );

  test('a revoked consent holds up nobody, and the other side is left as it should be', async () => {
    const { stack } = world;
    const { customer, caller } = await twoHeld();
    const { ringCentralAccountId } = customer;
    await stack.fault({ vendor: 'ringCentral', kind: 'revoke', ringCentralAccountId });
    await suspend(customer);
    await stack.advance('PT2M');
    expect(await exitStatus(customer)).toBe('Completed');
    expect(await stack.teams(caller.userId)).toMatchObject({ availability: 'Available' });
    expect(await subscriptions('graph')).toEqual({ made: 1, removed: 1 });
    const before = await calls();
    await stack.advance('P3D');
    expect(await calls()).toBe(before);
  }, 60_000);

  test('what people do in the middle of it brings nothing new to either side', async () => {
    const { stack } = world;
    const { customer, caller, presenter } = await twoHeld();
    const colleague = person(customer, 2);
    await becomes(customer, 'suspended', 2);
    await stack.setTeams(colleague.userId, 'Busy', 'InACall');
    await startExit(customer);
    await stack.setTeams(presenter.userId, 'Available', 'Available');
    await stack.setRingCentral(caller.extensionId, { dndStatus: 'DoNotAcceptAnyCalls' });
    await stack.advance('PT2M');
    expect(await exitStatus(customer)).toBe('Completed');
    expect(await stack.ringCentral(colleague.extensionId)).toMatchObject({ presenceStatus: 'Available' });
    expect(await stack.ringCentral(presenter.extensionId)).toMatchObject({ dndStatus: 'TakeAllCalls' });
    expect(await stack.ringCentral(caller.extensionId)).toMatchObject({ dndStatus: 'DoNotAcceptAnyCalls' });
    expect(await stack.teams(caller.userId)).toMatchObject({ availability: 'Available' });
  });

  test('a power cut in the middle is made up for', async () => {
    const { customer, caller, presenter } = await twoHeld();
    await world.stack.fault({ vendor: 'ringCentral', kind: 'status', status: 503 });
    await suspend(customer);
    await world.stack.advance('PT5M');
    await world.stack.kill();
    await world.restart();
    await clearFaults();
    await world.stack.advance('PT20M');
    expect(await exitStatus(customer)).toBe('Completed');
    expect(await world.stack.teams(caller.userId)).toMatchObject({ availability: 'Available' });
    expect(await world.stack.ringCentral(presenter.extensionId)).toMatchObject({ dndStatus: 'TakeAllCalls' });
  });
});

describe('what comes late changes nothing', () => {
  thoroughTest('an exit of an older version leaves alone who has come back', async () => {
    const { stack } = world;
    const { customer } = await twoHeld();
    await suspend(customer);
    await stack.advance('PT2M');
    await comeBack(customer);
    await startExit(customer);
    await stack.advance('PT2M');
    expect(await exitStatus(customer)).toBe('Completed');
    await expectInSync(world.stack, person(customer, 2));
  });

  thoroughTest('an onboarding of an older version does not bring back who has left', async () => {
    const { stack } = world;
    const { customer } = await twoHeld();
    await suspend(customer);
    await stack.advance('PT2M');
    const before = await calls();
    await onboard(customer, 1);
    await world.onboardAgain(customer.subscriptionId);
    await stack.advance('P1D');
    expect(await calls()).toBe(before);
  });

  thoroughTest(
    'who comes back while the exit is under way is served',
    async () => {
      const { stack } = world;
      const { customer, presenter } = await twoHeld();
      await stack.fault({ vendor: 'ringCentral', kind: 'status', status: 503 });
      await suspend(customer);
      await stack.advance('PT5M');
      await comeBack(customer);
      await clearFaults();
      await stack.advance('PT10M');
      expect(await exitStatus(customer)).toBe('Completed');
      await stack.advance('PT2H');
      expect(await stack.ringCentral(presenter.extensionId)).toMatchObject({
        dndStatus: 'DoNotAcceptAnyCalls',
      });
      await expectInSync(world.stack, person(customer, 2));
    },
    60_000,
  );
});
