import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  makeRingCentralClient,
  type RingCentralClient,
} from '../../clients/ring-central/ring-central-client.ts';
import type { Tokens } from '../../clients/tokens.ts';
import { failureOf } from './fakes.ts';
import { openOddServer, type OddServer } from './odd-server.ts';
import { refreshTokenOf, simulateVendors, type SimulatedVendors } from './simulated-vendors.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
let vendors: SimulatedVendors;
let tokens: Tokens;
beforeEach(async () => {
  vendors = await simulateVendors();
  tokens = vendors.worker();
});
afterEach(() => vendors.close());

describe("a customer's connection to Microsoft", () => {
  const tokenRequests = () => vendors.requests('/oauth2/v2.0/token');

  test('lasts for months when it is used', async () => {
    await tokens.storeGraphGrant('t1', 0, refreshTokenOf(vendors));
    for (let month = 0; month < 6; month += 1) {
      const token = await tokens.graphDelegated(vendors.tenant, 0);
      expect(await vendors.entra.tokens.callerOfGraph(token)).toMatchObject({
        kind: 'user',
        userId: vendors.serviceUser.userId,
        scopes: ['Presence.Read.All'],
      });
      await vendors.virtualClock.advance(30 * day);
    }
    expect(tokenRequests()).toBe(6);
  });

  test('is kept within the life of each token, whatever Entra makes of it', async () => {
    await tokens.storeGraphGrant('t1', 0, refreshTokenOf(vendors));
    for (let minutes = 0; minutes < 300; minutes += 1) {
      const token = await tokens.graphDelegated(vendors.tenant, 0);
      expect(await vendors.entra.tokens.callerOfGraph(token)).toMatchObject({ kind: 'user' });
      await vendors.virtualClock.advance(minute);
    }
    expect(tokenRequests()).toBeLessThan(7);
  });

  test('needs the customer once consent is withdrawn, and works again after', async () => {
    const { entra, tenant, application } = vendors;
    await tokens.storeGraphGrant('t1', 0, refreshTokenOf(vendors));
    await tokens.graphDelegated(tenant, 0);
    await tokens.graphApplication(tenant.microsoftTenantId);
    entra.grants.withdrawConsent(tenant.microsoftTenantId, application.clientId);
    await vendors.virtualClock.advance(2 * 60 * minute);
    expect(await failureOf(tokens.graphDelegated(tenant, 0))).toMatchObject({ failure: 'consentRevoked' });
    expect(await failureOf(tokens.graphApplication(tenant.microsoftTenantId))).toMatchObject({
      failure: 'consentRevoked',
    });
    entra.grants.consent(tenant.microsoftTenantId, application);
    await tokens.storeGraphGrant('t1', 0, refreshTokenOf(vendors));
    expect(await entra.tokens.callerOfGraph(await tokens.graphDelegated(tenant, 0))).toMatchObject({
      kind: 'user',
    });
    const ours = await tokens.graphApplication(tenant.microsoftTenantId);
    expect(await entra.tokens.callerOfGraph(ours)).toMatchObject({ kind: 'application' });
  });

  test('cannot be used for a while, and is not lost, when our own secret is wrong', async () => {
    await tokens.storeGraphGrant('t1', 0, refreshTokenOf(vendors));
    const wrong = vendors.worker({ clientSecret: 'secret-outdated' });
    const trouble = { failure: 'unavailable', code: 'AADSTS7000215' };
    expect(await failureOf(wrong.graphDelegated(vendors.tenant, 0))).toMatchObject(trouble);
    const { microsoftTenantId } = vendors.tenant;
    expect(await failureOf(wrong.graphApplication(microsoftTenantId))).toMatchObject(trouble);
  });
});

describe("a customer's connection to RingCentral", () => {
  let ringCentral: RingCentralClient;
  let account: ReturnType<SimulatedVendors['ringCentral']['createAccount']>;
  let ada: string;
  const clientWith = (workersTokens: Tokens) =>
    makeRingCentralClient({
      serverUrl: vendors.ringCentral.url,
      ...vendors.ringCentral.app,
      tokens: workersTokens,
      clock: vendors.clock,
      timeoutMs: 5_000,
    });
  const refreshes = () => vendors.requests('/restapi/oauth/token');

  beforeEach(async () => {
    const people = ['Ada', 'Grace'].map((firstName) => ({
      firstName,
      lastName: 'X',
      mail: `${firstName}@x.example`,
    }));
    account = vendors.ringCentral.createAccount({ people });
    ada = account.extensions[0]?.extensionId ?? '';
    await tokens.storeRingCentralGrant('t1', account.refreshToken);
    ringCentral = clientWith(tokens);
  });

  test('reads and writes presence, and sees the budget shrink', async () => {
    const first = await ringCentral.writePresence('t1', ada, { userStatus: 'Busy' });
    const second = await ringCentral.writePresence('t1', ada, { dndStatus: 'DoNotAcceptAnyCalls' });
    expect(first.budget).toMatchObject({ limit: 40, windowSeconds: 60 });
    expect((first.budget?.remaining ?? 0) - (second.budget?.remaining ?? 0)).toBe(1);
    expect(await ringCentral.readPresence('t1', ada)).toMatchObject({
      extensionId: ada,
      userStatus: 'Busy',
      dndStatus: 'DoNotAcceptAnyCalls',
    });
    const page = await ringCentral.readAccountPresence('t1', 1);
    expect(page.nextPage).toBeUndefined();
    expect(page.records.map(({ extensionId }) => extensionId)).toEqual(
      expect.arrayContaining(account.extensions.map(({ extensionId }) => extensionId)),
    );
  });

  test('is refused what RingCentral does not know or allow', async () => {
    expect(await failureOf(ringCentral.readPresence('t1', '999'))).toMatchObject({
      failure: 'notFound',
      code: 'CMN-102',
    });
    expect(await failureOf(ringCentral.writePresence('t1', ada, { userStatus: 'Nonsense' }))).toMatchObject({
      failure: 'rejected',
      code: 'CMN-101',
    });
  });

  test('is throttled at once when the budget is used up', async () => {
    for (let write = 0; write < 40; write += 1)
      await ringCentral.writePresence('t1', ada, { userStatus: 'Busy' });
    const before = vendors.requests('PUT');
    expect(await failureOf(ringCentral.writePresence('t1', ada, { userStatus: 'Busy' }))).toMatchObject({
      failure: 'throttled',
      code: 'CMN-301',
      retryAfterSeconds: 60,
    });
    expect(vendors.requests('PUT')).toBe(before + 1);
  });

  test('survives that another worker refreshes: the old token dies, the new one is found in the vault', async () => {
    await ringCentral.readPresence('t1', ada);
    await vendors.virtualClock.advance(56 * minute);
    const other = clientWith(vendors.worker());
    await other.readPresence('t1', ada);
    await vendors.virtualClock.advance(minute);
    await ringCentral.readPresence('t1', ada);
    expect(refreshes()).toBe(2);
  });

  test('survives that several workers refresh at the same time', async () => {
    const workers = [1, 2, 3].map(() => clientWith(vendors.worker()));
    const read = await Promise.all(workers.map((worker) => worker.readPresence('t1', ada)));
    expect(read).toHaveLength(3);
    await vendors.virtualClock.advance(5 * minute);
    for (const worker of workers) await worker.readPresence('t1', ada);
  });

  test('survives a lost answer to a refresh and a lost write to the vault', async () => {
    const { faults } = vendors.simulation;
    faults.add({ vendor: 'ringCentral', kind: 'dropResponse', match: '/oauth/token', count: 1 });
    expect(await failureOf(ringCentral.readPresence('t1', ada))).toMatchObject({ failure: 'unavailable' });
    faults.add({ vendor: 'keyVault', kind: 'status', status: 503, match: 'PUT', count: 1 });
    expect(await failureOf(ringCentral.readPresence('t1', ada))).toMatchObject({ failure: 'unavailable' });
    expect(await ringCentral.readPresence('t1', ada)).toMatchObject({ extensionId: ada });
  });

  test.each([400, 403, 409])(
    'cannot be used while our own vault answers %d, but that refuses no wish',
    async (status) => {
      const { faults } = vendors.simulation;
      for (const method of ['GET', 'PUT']) {
        faults.add({ vendor: 'keyVault', kind: 'status', status, match: method, count: 1 });
        const wish = ringCentral.writePresence('t1', ada, { userStatus: 'Busy' });
        expect(await failureOf(wish)).toMatchObject({ failure: 'unavailable' });
      }
      expect(vendors.requests('/presence')).toBe(0);
      const nonsense = ringCentral.writePresence('t1', ada, { userStatus: 'Nonsense' });
      expect(await failureOf(nonsense)).toMatchObject({ failure: 'rejected' });
    },
  );

  test('cannot be used, but is not lost, when our own secret is wrong', async () => {
    const wrong = clientWith(vendors.worker({ clientSecret: 'secret-outdated' }));
    const refused = await failureOf(wrong.readPresence('t1', ada));
    expect(refused).toMatchObject({ failure: 'unavailable', code: 'OAU-146' });
    expect(await ringCentral.readPresence('t1', ada)).toMatchObject({ extensionId: ada });
  });

  test('needs the customer once the session is revoked, and works again after', async () => {
    await ringCentral.readPresence('t1', ada);
    vendors.ringCentral.revoke(account.accountId);
    expect(await failureOf(ringCentral.readPresence('t1', ada))).toMatchObject({ failure: 'consentRevoked' });
    const { refreshToken } = vendors.ringCentral.authorize(account.adminExtensionId);
    await tokens.storeRingCentralGrant('t1', refreshToken);
    expect(await ringCentral.readPresence('t1', ada)).toMatchObject({ extensionId: ada });
  });

  describe('and its webhook subscription', () => {
    let receiver: OddServer;
    const asked = () => ({
      address: `${receiver.url}/hook`,
      verificationToken: 'v',
      expiresInSeconds: 3600,
      eventFilters: ['/restapi/v1.0/account/~/presence'],
    });
    beforeEach(async () => {
      receiver = await openOddServer();
      receiver.answer = ({ headers }) => ({
        headers: {
          'content-type': 'application/json',
          'validation-token': String(headers['validation-token'] ?? ''),
        },
      });
    });
    afterEach(() => receiver.close());

    test('is made, found, renewed and deleted', async () => {
      const made = await ringCentral.createSubscription('t1', asked());
      expect(made).toMatchObject({ status: 'Active', address: asked().address, disabledFilters: [] });
      expect(made.expiresAt).toEqual(new Date(vendors.clock().getTime() + 60 * minute));
      expect(await ringCentral.getSubscription('t1', made.id)).toEqual(made);
      await vendors.virtualClock.advance(30 * minute);
      const renewed = await ringCentral.renewSubscription('t1', made.id);
      expect(renewed.expiresAt).toEqual(new Date(made.expiresAt.getTime() + 30 * minute));
      expect(await ringCentral.listSubscriptions('t1')).toEqual([renewed]);
      await ringCentral.deleteSubscription('t1', made.id);
      await ringCentral.deleteSubscription('t1', made.id);
      expect(await ringCentral.getSubscription('t1', made.id)).toBeUndefined();
      expect(await failureOf(ringCentral.renewSubscription('t1', made.id))).toMatchObject({
        failure: 'notFound',
      });
    });

    test('is refused when the address does not shake hands', async () => {
      receiver.answer = () => ({ status: 500 });
      expect(await failureOf(ringCentral.createSubscription('t1', asked()))).toMatchObject({
        failure: 'rejected',
        code: 'SUB-522',
      });
    });

    test('tells when it is blacklisted', async () => {
      const { id } = await ringCentral.createSubscription('t1', asked());
      vendors.ringCentral.blacklist(id);
      expect(await ringCentral.getSubscription('t1', id)).toMatchObject({ status: 'Blacklisted' });
    });
  });
});
