/** Erasures on the whole stack: nothing is left of who has left, whatever fails meanwhile, and the others notice nothing. */
import { randomUUID } from 'node:crypto';
import { BlobServiceClient, type BlobLeaseClient } from '@azure/storage-blob';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StackProcess, type Customer } from '../../local/stack/stack-process.ts';
import { makeExportFiles } from '../../store/export-files.ts';
import { exportsContainer } from '../../store/export-storage.ts';
import {
  cancelled,
  dataOf,
  due,
  minutesAfter,
  receipts,
  said,
  tenantIdOf,
  whereabouts,
} from '../support/leaving-customer.ts';
import { StackWithData, person } from '../support/stack-with-data.ts';
import { isThorough } from '../support/thorough.ts';

let running: StackWithData;
let leaving: Customer;
let staying: Customer;

beforeEach(async () => {
  running = await StackWithData.start();
  leaving = await running.stack.customer({ users: 3 });
  staying = await running.stack.customer({ users: 2 });
  await callIn(leaving);
  await exportFor(leaving);
  cancelled(running, leaving, await running.stack.now());
});
afterEach(() => running.end());

/** Puts people of a customer into calls on either side, and lets it come across. */
async function callIn(customer: Customer): Promise<void> {
  await running.stack.setTeams(person(customer).userId, 'Busy', 'InACall');
  await running.stack.setRingCentral(person(customer, 1).extensionId, { telephonyStatus: 'CallConnected' });
  await running.stack.idle();
}

async function exportFor({ subscriptionId, users }: Customer): Promise<void> {
  const now = new Date(await running.stack.now());
  const storage = { connectionString: running.stack.exportStorage };
  async function* copy(): AsyncGenerator<string> {
    yield JSON.stringify(users);
  }
  await makeExportFiles({ storage, clock: () => now }).write(subscriptionId, randomUUID(), copy());
}

/** A write that RingCentral does not take for a day: its delivery runs on. */
async function deliverLater(): Promise<void> {
  await running.stack.fault({
    vendor: 'ringCentral',
    kind: 'throttle',
    retryAfterSeconds: 86_400,
    count: 1,
  });
  await running.stack.setTeams(person(leaving, 2).userId, 'Busy', 'InACall');
  await running.stack.idle();
}

async function dueIn(
  minutes: number,
  category: 'service' | 'licence' | 'billing' = 'service',
): Promise<void> {
  due(running, leaving, { category, at: minutesAfter(await running.stack.now(), minutes) });
}

async function expectInSync(customer: Customer): Promise<void> {
  await callIn(customer);
  expect(await running.stack.ringCentral(person(customer).extensionId)).toMatchObject({
    presenceStatus: 'Busy',
  });
  expect(await running.stack.teams(person(customer, 1).userId)).toMatchObject({ availability: 'Busy' });
}

test('nothing is left of who has left, late messages included; the other customer stays in sync', async () => {
  const known = dataOf(running, leaving, staying);
  expect(whereabouts(running, known).length).toBeGreaterThan(8);
  await deliverLater();
  // The hourly sweep, which is all that this erasure has, comes within the hour after.
  await dueIn(105);
  await running.stack.advance('PT1H');
  expect(await receipts(running)).toEqual([]);
  expect(whereabouts(running, known).length).toBeGreaterThan(8);

  await running.stack.advance('PT3H');
  expect(whereabouts(running, known)).toEqual([]);
  const [receipt, ...others] = await receipts(running);
  expect(others).toEqual([]);
  expect(receipt?.body).toMatchObject({ category: 'service', reason: 'cancelled', leftOver: 0 });
  // A keeper that has looked since the cancellation has ended by itself, and may be purged already.
  expect(receipt?.body.erased).toMatchObject({
    'entity:userPresence': 3,
    'sql:users': 3,
    'sql:tenants': 1,
    'secret:graphGrantName': 1,
    'secret:ringCentralGrantName': 1,
    'secret:pseudonymKeyName': 1,
    'blobs:exports': 1,
    'orchestration:deliverPresence': 1,
  });
  expect(await said(running, 'erasureLate')).toEqual([]);

  // Both vendors still tell of the people, as long as their subscriptions live.
  await callIn(leaving);
  expect(whereabouts(running, known)).toEqual([]);
  await expectInSync(staying);
});

test('after the last category not even the tenant’s id is left', async () => {
  const known = [...dataOf(running, leaving, staying), tenantIdOf(leaving)];
  await dueIn(10, 'service');
  await dueIn(100, 'licence');
  await dueIn(200, 'billing');
  await running.stack.advance('PT2H');
  expect(whereabouts(running, [tenantIdOf(leaving)])).not.toEqual([]);
  await running.stack.advance('PT6H');
  expect(whereabouts(running, known)).toEqual([]);
  const chain = await receipts(running);
  expect(chain.map(({ body }) => body.category)).toEqual(['service', 'licence', 'billing']);
  expect(chain[2]?.body.erased).toMatchObject({ 'sql:subscriptions': 1, 'sql:billing_events': 1 });
  expect(JSON.stringify(chain)).not.toContain(leaving.subscriptionId);
});

test('what is not due is left alone', async () => {
  await dueIn(600);
  await running.operator(`orchestrators/eraseTenantData/erasure:${leaving.subscriptionId}:service`, {
    tenantId: leaving.subscriptionId,
    category: 'service',
  });
  await running.stack.idle();
  const status = await running.operator(`instances/erasure:${leaving.subscriptionId}:service`);
  expect(status).toMatchObject({ runtimeStatus: 'Completed', output: { kind: 'notDue' } });
  await expectInSync(leaving);
});

/** Nothing can be done to the customer's export file. */
async function lockExport(): Promise<() => Promise<void>> {
  const service = BlobServiceClient.fromConnectionString(running.stack.exportStorage);
  const container = service.getContainerClient(exportsContainer);
  const prefix = `${leaving.subscriptionId}/`;
  const leases: BlobLeaseClient[] = [];
  for await (const { name } of container.listBlobsFlat({ prefix })) {
    const lease = container.getBlobClient(name).getBlobLeaseClient();
    await lease.acquireLease(-1);
    leases.push(lease);
  }
  expect(leases).toHaveLength(1);
  return async () => {
    for (const lease of leases) await lease.releaseLease();
  };
}

let unlock: (() => Promise<void>) | undefined;

test('however many are due at once, each is erased and has its receipt in one chain', async () => {
  // More than the sweep reads at once.
  const many = 55;
  const at = minutesAfter(await running.stack.now(), 5);
  for (let count = 0; count < many; count += 1) {
    due(running, { ...leaving, subscriptionId: randomUUID() }, { category: 'licence', at });
  }
  await running.stack.advance('PT2H');
  const chain = await receipts(running);
  expect(chain).toHaveLength(many);
  expect(new Set(chain.map(({ body }) => body.claimHash)).size).toBe(many);
});

interface Trouble {
  readonly name: string;
  begin(): Promise<void>;
  end(): Promise<void>;
}

const troubles: Trouble[] = [
  {
    name: 'the vault',
    begin: () => running.stack.fault({ vendor: 'keyVault', kind: 'status', status: 403 }),
    end: async () => {
      await running.stack.delete('/faults');
    },
  },
  {
    name: 'a table of the database',
    begin: async () => running.sql('ALTER TABLE users RENAME TO users_away'),
    end: async () => running.sql('ALTER TABLE users_away RENAME TO users'),
  },
  {
    name: 'blob storage',
    begin: async () => {
      unlock = await lockExport();
    },
    end: async () => {
      await unlock?.();
    },
  },
];

/** Of all of them, the database with each change. */
test.each(isThorough ? troubles : troubles.slice(1, 2))(
  'an erasure waits for $name, says so as an error, and is done afterwards',
  async (trouble) => {
    const known = dataOf(running, leaving, staying);
    await dueIn(10);
    await trouble.begin();
    await running.stack.advance('PT3H');
    expect(await receipts(running)).toEqual([]);
    const late = await said(running, 'erasureLate');
    expect(late.length).toBeGreaterThan(2);
    expect(new Set(late)).toEqual(new Set(['Error']));
    expect((await said(running, 'erasureOverdue')).length).toBeGreaterThan(0);
    await trouble.end();
    await running.stack.advance('PT2H');
    expect(whereabouts(running, known)).toEqual([]);
    expect(await receipts(running)).toHaveLength(1);
    await expectInSync(staying);
  },
);

test('a power cut in the midst of an erasure only delays it', async () => {
  const known = dataOf(running, leaving, staying);
  await dueIn(0);
  for (const seconds of [1, 5, 15]) {
    await running.stack.kill();
    running.stack = await StackProcess.start({ clock: 'virtual', data: running.data });
    await running.stack.advance(`PT${seconds}S`);
  }
  await running.stack.kill();
  running.stack = await StackProcess.start({ clock: 'virtual', data: running.data });
  await running.stack.advance('PT2H');
  expect(whereabouts(running, known)).toEqual([]);
  expect(await receipts(running)).toHaveLength(1);
});
