import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { makeTokens, type Tokens } from '../../clients/tokens.ts';
import type { ConnectionLeases } from '../../domain/connection-lease.ts';
import { aVault, failureOf, someLeases } from './fakes.ts';
import { openOddServer, type OddServer } from './odd-server.ts';

const tenant = { tenantId: 't1', microsoftTenantId: 'm1' };
let server: OddServer;
let now: Date;
let leases: ConnectionLeases;
beforeAll(async () => {
  server = await openOddServer();
});
afterAll(() => server.close());
beforeEach(() => {
  now = new Date('2026-01-05T10:00:00Z');
  leases = someLeases();
  server.received.length = 0;
  let issued = 0;
  server.answer = () => {
    issued += 1;
    return { body: { access_token: `at${issued}`, refresh_token: `rt${issued}`, expires_in: 3600 } };
  };
});

function tokensOn(vault: ReturnType<typeof aVault>): Tokens {
  const app = { clientId: 'id', clientSecret: 'secret-client' };
  return makeTokens({
    secrets: vault,
    leases,
    microsoft: { authorityUrl: server.url, ...app },
    ringCentral: { serverUrl: server.url, ...app },
    clock: () => now,
  });
}
const pass = (minutes: number): void => {
  now = new Date(now.getTime() + minutes * 60_000);
};
const stored = (vault: ReturnType<typeof aVault>, name = 'graph-t1-0'): unknown =>
  JSON.parse(vault.stored.get(name) ?? 'null');

describe('tokens', () => {
  test('are refreshed once for all who ask at the same time, and kept until five minutes before their end', async () => {
    const vault = aVault({ 'graph-t1-0': { refreshToken: 'rt0' } });
    const tokens = tokensOn(vault);
    const asked = await Promise.all([1, 2, 3].map(() => tokens.graphDelegated(tenant, 0)));
    expect(asked).toEqual(['at1', 'at1', 'at1']);
    pass(54);
    expect(await tokens.graphDelegated(tenant, 0)).toBe('at1');
    pass(1);
    expect(await tokens.graphDelegated(tenant, 0)).toBe('at2');
    expect(server.received.map((request) => request.path)).toEqual([
      '/m1/oauth2/v2.0/token',
      '/m1/oauth2/v2.0/token',
    ]);
    expect(server.received[1]?.body).toContain('refresh_token=rt1');
  });

  test('are refreshed early for what they must outlive, once for all who ask for that', async () => {
    const tokens = tokensOn(aVault({ 'graph-t1-0': { refreshToken: 'rt0' } }));
    const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
    expect(await tokens.graphDelegated(tenant, 0, inMinutes(59))).toBe('at1');
    pass(30);
    expect(await tokens.graphDelegated(tenant, 0, inMinutes(29))).toBe('at1');
    const asked = [undefined, inMinutes(59), inMinutes(58)].map((until) =>
      tokens.graphDelegated(tenant, 0, until),
    );
    expect(await Promise.all(asked)).toEqual(['at1', 'at2', 'at2']);
    expect(await tokens.graphDelegated(tenant, 0, inMinutes(90))).toBe('at3');
    expect(server.received).toHaveLength(3);
  });

  test('are in the vault before anybody has them', async () => {
    const vault = aVault({ 'ringcentral-t1': { refreshToken: 'rt0' } });
    expect(await tokensOn(vault).ringCentral('t1')).toBe('at1');
    expect(stored(vault, 'ringcentral-t1')).toEqual({
      refreshToken: 'rt1',
      accessToken: 'at1',
      accessTokenExpiresAt: '2026-01-05T11:00:00.000Z',
    });
    expect(server.received.map((request) => request.path)).toEqual(['/restapi/oauth/token']);
  });

  test('that cannot be written to the vault are not used until they are, before anything else', async () => {
    const vault = aVault({ 'ringcentral-t1': { refreshToken: 'rt0' } });
    vault.writable = false;
    const tokens = tokensOn(vault);
    expect(await failureOf(tokens.ringCentral('t1'))).toMatchObject({ failure: 'unavailable' });
    expect(await failureOf(tokens.ringCentral('t1'))).toMatchObject({ failure: 'unavailable' });
    expect(stored(vault, 'ringcentral-t1')).toEqual({ refreshToken: 'rt0' });
    vault.writable = true;
    expect(await tokens.ringCentral('t1')).toBe('at1');
    expect(stored(vault, 'ringcentral-t1')).toMatchObject({ refreshToken: 'rt1', accessToken: 'at1' });
    expect(server.received).toHaveLength(1);
  });

  test('that could not be written give way to what the customer granted meanwhile', async () => {
    const vault = aVault({ 'ringcentral-t1': { refreshToken: 'rt0' } });
    vault.writable = false;
    const tokens = tokensOn(vault);
    await failureOf(tokens.ringCentral('t1'));
    vault.writable = true;
    await tokensOn(vault).storeRingCentralGrant('t1', 'new');
    expect(await tokens.ringCentral('t1')).toBe('at2');
    expect(server.received[1]?.body).toContain('refresh_token=new');
  });

  test('serve to their last minute when there are no newer ones to be had for now', async () => {
    const vault = aVault({ 'ringcentral-t1': { refreshToken: 'rt0' } });
    const tokens = tokensOn(vault);
    await tokens.ringCentral('t1');
    const works = server.answer;
    pass(58);
    for (const status of [503, 429, 200]) {
      server.answer = () => ({ status, body: '' });
      expect(await tokens.ringCentral('t1')).toBe('at1');
    }
    expect(server.received).toHaveLength(4);
    pass(1);
    expect(await failureOf(tokens.ringCentral('t1'))).toMatchObject({ failure: 'unavailable' });
    server.answer = works;
    expect(await tokens.ringCentral('t1')).toBe('at2');
  });

  test('do not serve on when they were refused, or the grant is gone', async () => {
    const vault = aVault({ 'ringcentral-t1': { refreshToken: 'rt0' } });
    const tokens = tokensOn(vault);
    await tokens.ringCentral('t1');
    pass(56);
    server.answer = () => ({ status: 400, body: { error: 'invalid_grant' } });
    expect(await failureOf(tokens.ringCentral('t1'))).toMatchObject({ failure: 'consentRevoked' });
    server.answer = () => ({ status: 503 });
    tokens.invalidate('at1');
    expect(await failureOf(tokens.ringCentral('t1'))).toMatchObject({ failure: 'unavailable' });
  });

  test('cost few reads of the vault while they cannot be had: one for each attempt', async () => {
    const vault = aVault({ 'graph-t1-0': { refreshToken: 'rt0' } });
    const tokens = tokensOn(vault);
    server.answer = () => ({ status: 503 });
    await failureOf(tokens.graphDelegated(tenant, 0));
    const before = vault.reads;
    for (let attempt = 0; attempt < 5; attempt += 1) await failureOf(tokens.graphDelegated(tenant, 0));
    expect(vault.reads - before).toBe(5);
  });

  test('are new again as soon as the customer has granted anew through another worker', async () => {
    const vault = aVault({ 'graph-t1-0': { refreshToken: 'old' } });
    const tokens = tokensOn(vault);
    const works = server.answer;
    server.answer = () => ({ status: 400, body: { error: 'invalid_grant' } });
    expect(await failureOf(tokens.graphDelegated(tenant, 0))).toMatchObject({ failure: 'consentRevoked' });
    await tokensOn(vault).storeGraphGrant('t1', 0, 'new');
    server.answer = works;
    expect(await tokens.graphDelegated(tenant, 0)).toBe('at1');
    expect(server.received.at(-1)?.body).toContain('refresh_token=new');
  });

  test('are gone with the grant that is removed', async () => {
    const vault = aVault({ 'graph-t1-0': { refreshToken: 'a' }, 'ringcentral-t1': { refreshToken: 'b' } });
    const tokens = tokensOn(vault);
    await tokens.graphDelegated(tenant, 0);
    await tokens.ringCentral('t1');
    await tokens.removeGraphGrant('t1', 0);
    await tokens.removeRingCentralGrant('t1');
    expect(vault.stored.size).toBe(0);
    for (const asked of [tokens.graphDelegated(tenant, 0), tokens.ringCentral('t1')]) {
      expect(await failureOf(asked)).toMatchObject({ failure: 'consentRevoked', code: 'NoGrant' });
    }
    expect(server.received).toHaveLength(2);
  });

  test('of another worker are taken from the vault without a refresh', async () => {
    const vault = aVault({ 'graph-t1-0': { refreshToken: 'rt0' } });
    await tokensOn(vault).graphDelegated(tenant, 0);
    expect(await tokensOn(vault).graphDelegated(tenant, 0)).toBe('at1');
    expect(server.received).toHaveLength(1);
  });

  test('refused by the API are replaced by what another worker got, or else by a refresh', async () => {
    const vault = aVault({ 'ringcentral-t1': { refreshToken: 'rt0' } });
    const here = tokensOn(vault);
    expect(await here.ringCentral('t1')).toBe('at1');
    here.invalidate('at1');
    expect(await here.ringCentral('t1')).toBe('at2');
    const there = tokensOn(vault);
    expect(await there.ringCentral('t1')).toBe('at2');
    there.invalidate('at2');
    expect(await there.ringCentral('t1')).toBe('at3');
    here.invalidate('at1');
    expect(await here.ringCentral('t1')).toBe('at2');
    here.invalidate('at2');
    expect(await here.ringCentral('t1')).toBe('at3');
    expect(server.received).toHaveLength(3);
  });

  test('survive a failing refresh: what is stored stays, and the next call tries again', async () => {
    const vault = aVault({ 'graph-t1-0': { refreshToken: 'rt0' } });
    const tokens = tokensOn(vault);
    const works = server.answer;
    for (const status of [503, 429, 400]) {
      server.answer = () => ({ status, body: { error: 'invalid_grant' } });
      await failureOf(tokens.graphDelegated(tenant, 0));
      expect(stored(vault)).toEqual({ refreshToken: 'rt0' });
    }
    server.answer = works;
    expect(await tokens.graphDelegated(tenant, 0)).toBe('at1');
  });

  test('need the customer when there is no grant', async () => {
    const tokens = tokensOn(aVault());
    expect(await failureOf(tokens.graphDelegated(tenant, 0))).toMatchObject({
      failure: 'consentRevoked',
      code: 'NoGrant',
    });
    expect(server.received).toHaveLength(0);
  });

  test.each(['', 'rt0', '{"refreshToken":""}', '{"access":"secret-"}', '[]'])(
    'need the customer when the secret is %j, which is left as it is until then',
    async (secret) => {
      const vault = aVault();
      vault.stored.set('graph-t1-0', secret);
      const tokens = tokensOn(vault);
      for (let attempt = 0; attempt < 2; attempt += 1) {
        expect(await failureOf(tokens.graphDelegated(tenant, 0))).toMatchObject({
          failure: 'consentRevoked',
          code: 'UnreadableGrant',
        });
      }
      expect(vault.stored.get('graph-t1-0')).toBe(secret);
      expect(server.received).toHaveLength(0);
      await tokens.storeGraphGrant('t1', 0, 'new');
      expect(await tokens.graphDelegated(tenant, 0)).toBe('at1');
    },
  );

  test('come from the newer grant when the older is refused meanwhile', async () => {
    const vault = aVault({ 'graph-t1-0': { refreshToken: 'old' } });
    server.answer = ({ body }) => {
      if (!body.includes('refresh_token=old')) return { body: { access_token: 'fresh', expires_in: 3600 } };
      vault.stored.set('graph-t1-0', JSON.stringify({ refreshToken: 'new' }));
      return { status: 400, body: { error: 'invalid_grant' } };
    };
    expect(await tokensOn(vault).graphDelegated(tenant, 0)).toBe('fresh');
    expect(stored(vault)).toMatchObject({ refreshToken: 'new', accessToken: 'fresh' });
  });

  test('of a new grant replace the old ones, even while those are being refreshed', async () => {
    const vault = aVault({ 'graph-t1-0': { refreshToken: 'old' } });
    const tokens = tokensOn(vault);
    let storing: Promise<void> | undefined;
    server.answer = ({ body }) => {
      if (!body.includes('refresh_token=old')) return { body: { access_token: 'fresh', expires_in: 3600 } };
      storing = tokens.storeGraphGrant('t1', 0, 'new');
      return { body: { access_token: 'stale', refresh_token: 'stale', expires_in: 3600 } };
    };
    await tokens.graphDelegated(tenant, 0);
    await storing;
    expect(stored(vault)).toEqual({ refreshToken: 'new' });
    expect(await tokens.graphDelegated(tenant, 0)).toBe('fresh');
  });

  test('in our own name stay in memory, one for each Entra tenant', async () => {
    const vault = aVault();
    const tokens = tokensOn(vault);
    expect(await tokens.graphApplication('m1')).toBe('at1');
    expect(await tokens.graphApplication('m2')).toBe('at2');
    expect(await tokens.graphApplication('m1')).toBe('at1');
    tokens.invalidate('at1');
    expect(await tokens.graphApplication('m1')).toBe('at3');
    expect(vault.stored.size).toBe(0);
  });
});
