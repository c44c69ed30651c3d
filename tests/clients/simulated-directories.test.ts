/** Reading both directories, against the simulated vendors over HTTP. */
import 'reflect-metadata';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeGraphClient, type GraphClient } from '../../clients/graph/graph-client.ts';
import type { UserChanges } from '../../clients/graph/user-changes.ts';
import { makeRingCentralClient } from '../../clients/ring-central/ring-central-client.ts';
import { failureOf } from './fakes.ts';
import { openOddServer } from './odd-server.ts';
import { simulateVendors, type SimulatedVendors } from './simulated-vendors.ts';

let vendors: SimulatedVendors;
let graph: GraphClient;

const graphAt = (baseUrl: string): GraphClient =>
  makeGraphClient({
    baseUrl,
    tokens: vendors.worker(),
    clientId: vendors.application.clientId,
    clock: vendors.clock,
  });

beforeEach(async () => {
  vendors = await simulateVendors();
  graph = graphAt(vendors.graph.url);
});
afterEach(() => vendors.close());

/** Everything from a link on: all that is said, who was removed, and where to go on. */
async function readAll(from?: string): Promise<UserChanges & { pages: number }> {
  const said = [];
  const removedIds = [];
  let link = from;
  for (let pages = 1; ; pages++) {
    const page = await graph.readUserChanges(vendors.tenant, link);
    if (page === undefined) throw new Error('The link is too old.');
    said.push(...page.said);
    removedIds.push(...page.removedIds);
    link = page.link;
    if (!page.more) return { ...page, said, removedIds, pages };
  }
}

const user = (id: string) => {
  const found = vendors.entra.directory.user(id);
  if (found === undefined) throw new Error('There is no such user.');
  return found;
};

test('at first everybody comes in whole, in pages', async () => {
  const ids = Array.from({ length: 450 }, (_, number) => vendors.addPerson(`P${number}`));
  const { said, pages } = await readAll();
  expect(pages).toBe(3);
  expect(said.map(({ userId }) => userId).toSorted()).toEqual(
    [...ids, vendors.serviceUser.userId].toSorted(),
  );
  expect(said.find(({ userId }) => userId === ids[0])).toEqual({
    userId: ids[0],
    displayName: 'P0',
    givenName: 'P0',
    surname: 'Sample',
    mail: 'p0@contoso.example',
    userPrincipalName: 'p0@contoso.example',
    businessPhones: [],
    accountEnabled: true,
    userType: 'Member',
    assignedPlans: [{ servicePlanId: '57ff2da0-773e-42df-b2af-ffb7a2317929', capabilityStatus: 'Enabled' }],
  });
});

test('later only what has changed comes, those who are gone among it, and again when asked again', async () => {
  const [ada = '', bob = ''] = ['Ada', 'Bob'].map((name) => vendors.addPerson(name));
  const { link } = await readAll();
  vendors.entra.directory.update({ ...user(ada), displayName: 'Ada L.', licensed: false });
  vendors.entra.directory.remove(bob);
  for (let time = 0; time < 2; time++) {
    const changes = await readAll(link);
    expect(changes.said).toEqual([{ userId: ada, displayName: 'Ada L.', assignedPlans: [] }]);
    expect(changes.removedIds).toEqual([bob]);
  }
  const after = await readAll((await readAll(link)).link);
  expect([after.said, after.removedIds]).toEqual([[], []]);
});

test('a link that is older than seven days, or was made to expire, is known to be too old', async () => {
  const { link } = await readAll();
  await vendors.virtualClock.advance(7 * 24 * 60 * 60_000 - 1000);
  expect(await graph.readUserChanges(vendors.tenant, link)).toBeDefined();
  await vendors.virtualClock.advance(1000);
  expect(await graph.readUserChanges(vendors.tenant, link)).toBeUndefined();
  const again = await readAll();
  vendors.graph.expireDeltaLinks(vendors.tenant.microsoftTenantId);
  expect(await graph.readUserChanges(vendors.tenant, again.link)).toBeUndefined();
});

test('one user is read in whole, and one who is gone is none', async () => {
  const ada = vendors.addPerson('Ada');
  expect(await graph.readUser(vendors.tenant, ada)).toMatchObject({ displayName: 'Ada', department: null });
  vendors.entra.directory.remove(ada);
  expect(await graph.readUser(vendors.tenant, ada)).toBeUndefined();
});

test('a link to another server is not followed', async () => {
  const server = await openOddServer();
  try {
    server.answer = () => ({
      body: JSON.stringify({ value: [], '@odata.nextLink': 'https://elsewhere.example/v1.0/users/delta' }),
    });
    const failure = await failureOf(graphAt(server.url).readUserChanges(vendors.tenant, undefined));
    expect(failure).toMatchObject({ failure: 'unavailable', code: 'ForeignNextLink' });
  } finally {
    await server.close();
  }
});

test('extensions of people come in pages of a thousand, with what is left of the limit', async () => {
  const tokens = vendors.worker();
  const people = Array.from({ length: 1001 }, (_, number) => ({
    firstName: `P${number}`,
    lastName: 'Sample',
    mail: `p${number}@contoso.example`,
    ...(number === 0 && { businessPhone: '+16505550100' }),
  }));
  const { refreshToken, extensions } = vendors.ringCentral.createAccount({ people });
  await tokens.storeRingCentralGrant('t1', refreshToken);
  const client = makeRingCentralClient({
    serverUrl: vendors.ringCentral.url,
    ...vendors.ringCentral.app,
    tokens,
    clock: vendors.clock,
  });
  const [first, second] = extensions;
  vendors.ringCentral.changeExtension(second?.extensionId ?? '', { status: 'Disabled' });
  const page = await client.listExtensions('t1', 1);
  expect(page).toMatchObject({ nextPage: 2, budget: { limit: 40, remaining: 39, windowSeconds: 60 } });
  const last = await client.listExtensions('t1', 2);
  expect(last.nextPage).toBeUndefined();
  const all = [...page.records, ...last.records];
  // The administrator is somebody, the call queue is not.
  expect(all).toHaveLength(1001);
  expect(all.find(({ extensionId }) => extensionId === first?.extensionId)).toEqual({
    extensionId: first?.extensionId,
    extensionNumber: '1001',
    name: 'P0 Sample',
    mail: 'p0@contoso.example',
    phone: '+16505550100',
  });
  expect(all.some(({ extensionId }) => extensionId === second?.extensionId)).toBe(false);
});
