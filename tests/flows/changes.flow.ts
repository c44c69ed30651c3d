/** What changes after a customer was taken on: our own address and key, its people, their extensions, their number. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { StackWithData, person } from '../support/stack-with-data.ts';
import { expectInSync } from '../support/in-sync.ts';
import { thoroughTest } from '../support/thorough.ts';

let world: StackWithData;

beforeEach(async () => {
  world = await StackWithData.start();
}, 60_000);
afterEach(() => world.end());

describe('subscriptions are made anew', () => {
  test('when the key of the webhooks has changed', async () => {
    const customer = await world.stack.customer({ users: 1 });
    const port = Number(new URL(world.stack.app).port);
    await world.restart(async () => {
      const file = join(world.data, 'app/app-secrets.json');
      const secrets = z.record(z.string(), z.string()).parse(JSON.parse(await readFile(file, 'utf8')));
      await writeFile(file, JSON.stringify({ ...secrets, webhookKey: 'another key'.padEnd(43, '.') }));
    }, port);
    await world.stack.advance('PT1M');
    await expectInSync(world.stack, person(customer));
    await expectOneSubscriptionMore();
  });

  test('when the vendors reach us at another address', async () => {
    const customer = await world.stack.customer({ users: 1 });
    await world.restart();
    await world.stack.advance('PT1M');
    await expectInSync(world.stack, person(customer));
    await expectOneSubscriptionMore();
  });

  /** On each side one for the beginning and one for the change. */
  async function expectOneSubscriptionMore(): Promise<void> {
    expect(await world.requests('graph', /^POST \S+\/subscriptions 201/)).toHaveLength(2);
    expect(await world.requests('ringCentral', /^POST \S+\/subscription 200/)).toHaveLength(2);
  }
});

test('a person who is mapped later is watched and synced once onboarding has run again', async () => {
  const customer = await world.stack.customer({ users: 2 });
  const { subscriptionId: id } = customer;
  const added = person(customer, 1);
  await world.forget(id, added.userId);
  await world.onboardAgain(id);
  await world.stack.setRingCentral(added.extensionId, { telephonyStatus: 'CallConnected' });
  await world.stack.idle();
  expect(await world.stack.teams(added.userId)).not.toMatchObject({ activity: 'InACall' });

  world.sql(
    `INSERT INTO mappings (tenant_id, user_id, extension_id, shard, assigned_at, seated)
     VALUES ('${id}', '${added.userId}', '${added.extensionId}', 0, '${await world.stack.now()}', 1)`,
  );
  await world.onboardAgain(id);
  expect(await world.stack.teams(added.userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
  await world.stack.setRingCentral(added.extensionId, { telephonyStatus: 'NoCall' });
  // Our own call may be echoed for two minutes, where its echo was read and not notified.
  await world.stack.advance('PT3M');
  await expectInSync(world.stack, added);
  await expectInSync(world.stack, person(customer));
});

test('a person who gets another extension lets go of the old one, and is synced on the new one', async () => {
  const { stack } = world;
  const customer = await stack.customer({ users: 2 });
  const [ada, spare] = [person(customer), person(customer, 1)];
  await stack.setTeams(ada.userId, 'Busy', 'InACall');
  await stack.idle();
  expect(await stack.ringCentral(ada.extensionId)).toMatchObject({ presenceStatus: 'Busy' });

  world.sql(`DELETE FROM mappings WHERE user_id = '${spare.userId}'`);
  world.sql(`UPDATE mappings SET extension_id = '${spare.extensionId}' WHERE user_id = '${ada.userId}'`);
  await world.onboardAgain(customer.subscriptionId);
  expect(await stack.ringCentral(ada.extensionId)).toMatchObject({ presenceStatus: 'Available' });
  expect(await stack.ringCentral(spare.extensionId)).toMatchObject({ presenceStatus: 'Busy' });

  await stack.setTeams(ada.userId, 'Available', 'Available');
  await stack.idle();
  await expectInSync(world.stack, { ...ada, extensionId: spare.extensionId });
  expect(await stack.ringCentral(ada.extensionId)).toMatchObject({ presenceStatus: 'Available' });
});

thoroughTest(
  '1,400 people, who need three subscriptions, are read in three requests at Graph, each of them once',
  async () => {
    await world.stack.customer({ users: 1400 });
    const reads = await world.requests('graph', /getPresencesByUserId 200/);
    const people = reads.flatMap(({ body }) => z.object({ ids: z.array(z.string()) }).parse(body).ids);
    expect(reads).toHaveLength(3);
    expect(people).toHaveLength(1400);
    expect(new Set(people).size).toBe(1400);
  },
  60_000,
);
