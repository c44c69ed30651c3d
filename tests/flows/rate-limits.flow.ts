import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StackProcess } from '../../local/stack/stack-process.ts';
import { CustomerApi } from '../support/customer-api.ts';

let stack: StackProcess;

beforeAll(async () => {
  stack = await StackProcess.start({ clock: 'virtual' });
}, 60_000);
afterAll(() => stack.stop());

test('a hundred people who change at once all arrive, at the pace RingCentral allows, without a single 429', async () => {
  const { users } = await stack.customer({ users: 100 });
  await Promise.all(users.map(({ userId }) => stack.setTeams(userId, 'Busy', 'InACall')));
  await stack.advance('PT6M');
  for (const { extensionId } of users) {
    expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  }
  const journal = await stack.journal('ringCentral');
  expect(journal.filter((entry) => entry.status === 429)).toEqual([]);
  expect(journal.filter((entry) => entry.method === 'PUT')).toHaveLength(100);
}, 60_000);

test('a 429 stops the writes until its time is over, and nothing is lost', async () => {
  const { users } = await stack.customer({ users: 3 });
  await stack.fault({
    vendor: 'ringCentral',
    kind: 'throttle',
    retryAfterSeconds: 60,
    match: 'PUT',
    count: 1,
  });
  const before = (await stack.journal('ringCentral')).length;
  await Promise.all(users.map(({ userId }) => stack.setTeams(userId, 'Busy', 'InACall')));
  await stack.idle();
  await stack.advance('PT59S');
  const during = (await stack.journal('ringCentral')).slice(before);
  expect(during.filter((entry) => entry.method === 'PUT').map((entry) => entry.status)).toEqual([429]);
  await stack.advance('PT10S');
  for (const { extensionId } of users) {
    expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  }
});

test('a wish that is overtaken while it waits is never written', async () => {
  const { users } = await stack.customer({ users: 1 });
  const [person] = users;
  await stack.fault({
    vendor: 'ringCentral',
    kind: 'throttle',
    retryAfterSeconds: 60,
    match: 'PUT',
    count: 1,
  });
  await stack.setTeams(person?.userId ?? '', 'Busy', 'InACall');
  await stack.idle();
  const before = (await stack.journal('ringCentral')).length;
  await stack.setTeams(person?.userId ?? '', 'Available', 'Available');
  await stack.idle();
  await stack.advance('PT5M');
  const after = (await stack.journal('ringCentral')).slice(before);
  expect(after.filter((entry) => entry.method === 'PUT')).toEqual([]);
});

test('writes go on by themselves after the vendor was down for an hour', async () => {
  const { users } = await stack.customer({ users: 1 });
  const [person] = users;
  await stack.fault({ vendor: 'ringCentral', kind: 'status', status: 503, match: 'PUT' });
  await stack.setTeams(person?.userId ?? '', 'Busy', 'InACall');
  await stack.advance('PT1H');
  await stack.delete('/faults');
  await stack.advance('PT2M');
  expect(await stack.ringCentral(person?.extensionId ?? '')).toMatchObject({ presenceStatus: 'Busy' });
});

test('a 429 that the list of extensions is answered stops the writes as well, which share its limit', async () => {
  const customer = await stack.customer({ users: 1 });
  const [person] = customer.users;
  const puts = async () =>
    (await stack.journal('ringCentral')).filter(({ method, path }) =>
      `${method} ${path}`.includes(`PUT /restapi/v1.0/account/~/extension/${person?.extensionId}/`),
    );
  await stack.fault({
    vendor: 'ringCentral',
    kind: 'throttle',
    retryAfterSeconds: 60,
    match: 'GET /restapi/v1.0/account/~/extension',
    count: 1,
  });
  const api = await CustomerApi.of(stack, customer);
  expect(await api.ask('directory/sync', { method: 'POST' })).toMatchObject({ status: 202 });
  await stack.idle();
  await stack.setTeams(person?.userId ?? '', 'Busy', 'InACall');
  await stack.idle();
  await stack.advance('PT59S');
  expect(await puts()).toEqual([]);
  await stack.advance('PT2S');
  expect(await puts()).toMatchObject([{ status: 200 }]);
});
