/** Reading presence anew after a gap: once for all that asked, at the vendors' pace, and the freshest wins. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Customer } from '../../local/stack/stack-process.ts';
import { expectInSync } from '../support/in-sync.ts';
import { person, StackWithData } from '../support/stack-with-data.ts';
import { thoroughTest } from '../support/thorough.ts';

let world: StackWithData;
let customer: Customer;

beforeEach(async () => {
  world = await StackWithData.start();
  customer = await world.stack.customer({ users: 4 });
});
afterEach(() => world.end());

const reads = {
  graph: () => world.requests('graph', /POST .*getPresencesByUserId/),
  ringCentral: () => world.requests('ringCentral', /GET \S*account\/~\/presence/),
};

const change = (who: number, side: 'graph' | 'ringCentral', begins: boolean): Promise<void> =>
  side === 'graph'
    ? world.stack.setTeams(
        person(customer, who).userId,
        begins ? 'Busy' : 'Available',
        begins ? 'InACall' : 'Available',
      )
    : world.stack.setRingCentral(person(customer, who).extensionId, {
        telephonyStatus: begins ? 'CallConnected' : 'NoCall',
      });

test.each(['graph', 'ringCentral'] as const)(
  'after an hour without %s everybody is read at most twice, and all is caught up on',
  async (vendor) => {
    await change(0, vendor, true);
    await world.stack.idle();
    await world.stack.fault({ vendor, kind: 'status', status: 503 });
    await world.stack.fault({ vendor, kind: 'drop' });
    await change(0, vendor, false);
    await change(1, vendor, true);
    await world.stack.advance('PT1H');
    await world.stack.delete('/faults');
    const { ringCentralAccountId } = customer;
    // Graph's has ended by itself.
    if (vendor === 'ringCentral')
      await world.stack.fault({ vendor, kind: 'removeSubscription', ringCentralAccountId });
    const before = (await reads[vendor]()).length;
    await world.stack.advance('PT20M');
    expect((await reads[vendor]()).length - before).toBeLessThanOrEqual(2);
    const shown = async (who: number): Promise<boolean> =>
      vendor === 'graph'
        ? (await world.stack.ringCentral(person(customer, who).extensionId)).presenceStatus === 'Busy'
        : (await world.stack.teams(person(customer, who).userId)).activity === 'InACall';
    expect([await shown(0), await shown(1)]).toEqual([false, true]);
    await change(1, vendor, false);
    await world.stack.idle();
    await expectInSync(world.stack, person(customer, 2));
  },
);

test('of reads that were asked for while Graph wants a pause one is made, and none before the pause is over', async () => {
  const { microsoftTenantId } = customer;
  await world.stack.advance('PT11M');
  const match = 'getPresencesByUserId';
  await world.stack.fault({ vendor: 'graph', kind: 'throttle', retryAfterSeconds: 900, match, count: 1 });
  const before = (await reads.graph()).length;
  for (let gap = 0; gap < 4; gap++) {
    await world.stack.fault({ vendor: 'graph', kind: 'lifecycle', event: 'missed', microsoftTenantId });
    await world.stack.idle();
    await world.stack.advance('PT1M');
  }
  await world.stack.advance('PT10M');
  expect((await reads.graph()).slice(before).map(({ status }) => status)).toEqual([429]);
  await world.stack.advance('PT2M');
  expect((await reads.graph()).slice(before).map(({ status }) => status)).toEqual([429, 200]);
});

thoroughTest('a reading of everybody sends no message to those who are known as they are', async () => {
  await change(0, 'graph', true);
  await world.stack.idle();
  const operations = async (): Promise<number> =>
    (await world.stack.stats()).messages['entityOperation'] ?? 0;
  const tend = async (run: number): Promise<number> => {
    const before = await operations();
    await world.operator(`orchestrators/tendTenant/tending:${customer.subscriptionId}:${run}`, {
      tenantId: customer.subscriptionId,
    });
    await world.stack.idle();
    return (await operations()) - before;
  };
  // To the tenant, its two outboxes, and for what its keepers say.
  const ofTheTenant = await tend(1);
  expect(ofTheTenant).toBeLessThanOrEqual(5);
  await world.stack.fault({ vendor: 'graph', kind: 'drop' });
  await change(1, 'graph', true);
  await world.stack.delete('/faults');
  expect(await tend(2)).toBeGreaterThan(ofTheTenant);
  expect(await world.stack.ringCentral(person(customer, 1).extensionId)).toMatchObject({
    presenceStatus: 'Busy',
  });
});
