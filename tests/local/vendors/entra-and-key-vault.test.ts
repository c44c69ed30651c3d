import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { ManagedIdentityCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { VirtualClock } from '../../../local/clock/virtual-clock.ts';
import { Work } from '../../../local/clock/work.ts';
import { startEntra } from '../../../local/vendors/entra/entra.ts';
import { startKeyVault } from '../../../local/vendors/key-vault/key-vault.ts';
import { openSimulation } from '../../../local/vendors/simulation.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function anEntra(directory?: string) {
  const work = new Work();
  const clock = new VirtualClock(work, new Date());
  const simulation = openSimulation(clock, work);
  const entra = await startEntra(simulation, { directory });
  cleanUps.push(
    () => simulation.close(),
    () => entra.close(),
  );
  return { clock, simulation, entra };
}

async function aConsentedTenant() {
  const parts = await anEntra();
  const { entra } = parts;
  const application = entra.grants.register({
    displayName: 'An app',
    roles: ['Presence.ReadWrite.All'],
    scopes: ['Presence.Read.All', 'User.Read.All'],
  });
  const { tenantId } = entra.directory.addTenant('Contoso', 'contoso.example');
  const user = entra.directory.addUser({
    tenantId,
    displayName: 'Service',
    givenName: 'Ser',
    surname: 'Vice',
    mail: 'service@contoso.example',
    userPrincipalName: 'service@contoso.example',
    jobTitle: null,
    department: null,
    businessPhones: [],
    accountEnabled: true,
    licensed: false,
  });
  entra.grants.consent(tenantId, application);
  const grant = entra.grants.grant(user, application.clientId, application.scopes);
  const credentials = { client_id: application.clientId, client_secret: application.clientSecret };
  const ask = async (form: Record<string, string>, tenant = tenantId) => {
    const body = new URLSearchParams({ ...credentials, ...form });
    const response = await fetch(`${entra.url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const refusal = async (form: Record<string, string>, tenant = tenantId) => {
    const { status, body } = await ask(form, tenant);
    return [status, body['error'], body['error_codes']];
  };
  return {
    ...parts,
    application,
    tenantId,
    user,
    ask,
    refusal,
    refreshToken: entra.grants.refreshToken(grant),
  };
}

const appOnly = { grant_type: 'client_credentials', scope: 'https://graph.microsoft.com/.default' };
async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const day = 24 * 3_600_000;

describe('the token endpoint', () => {
  test('gives an application a token of its own in a tenant that consented', async () => {
    const { ask, entra, tenantId, application } = await aConsentedTenant();
    const { status, body } = await ask(appOnly);
    expect(status).toBe(200);
    expect(body['expires_in']).toBeGreaterThanOrEqual(3600);
    expect(body['expires_in']).toBeLessThanOrEqual(5400);
    const keys = createRemoteJWKSet(new URL(`${entra.url}/common/discovery/v2.0/keys`));
    const { payload } = await jwtVerify(String(body['access_token']), keys, {
      audience: 'https://graph.microsoft.com',
    });
    expect(payload).toMatchObject({
      tid: tenantId,
      appid: application.clientId,
      roles: ['Presence.ReadWrite.All'],
    });
  });

  test('rotates refresh tokens that live for 90 days from each use', async () => {
    const { ask, refusal, clock, refreshToken, user, tenantId } = await aConsentedTenant();
    const scope = 'openid offline_access https://graph.microsoft.com/Presence.Read.All';
    await clock.advance(89 * day);
    const first = await ask({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      scope,
      client_info: '1',
    });
    expect(first.body).toMatchObject({ scope: 'openid https://graph.microsoft.com/Presence.Read.All' });
    const info = JSON.parse(
      Buffer.from(String(first.body['client_info']), 'base64url').toString(),
    ) as unknown;
    expect(info).toEqual({ uid: user.userId, utid: tenantId });
    expect(first.body['id_token']).toBeDefined();
    await clock.advance(2 * day);
    const second = await ask({
      grant_type: 'refresh_token',
      refresh_token: String(first.body['refresh_token']),
    });
    expect(second.status).toBe(200);
    expect(await refusal({ grant_type: 'refresh_token', refresh_token: refreshToken })).toEqual([
      400,
      'invalid_grant',
      [700082],
    ]);
  });

  test('refuses as Entra does', async () => {
    const { refusal, refreshToken, entra, user, tenantId, application } = await aConsentedTenant();
    const refreshing = { grant_type: 'refresh_token', refresh_token: refreshToken };
    expect(await refusal({ ...appOnly, client_secret: 'wrong' })).toEqual([401, 'invalid_client', [7000215]]);
    expect(await refusal({ ...appOnly, client_id: 'wrong' })).toEqual([400, 'unauthorized_client', [700016]]);
    expect(await refusal(appOnly, 'nowhere.example')).toEqual([400, 'invalid_request', [90002]]);
    expect(await refusal({ scope: appOnly.scope })).toEqual([400, 'invalid_request', [900144]]);
    expect(await refusal({ ...appOnly, scope: 'User.Read' })).toEqual([400, 'invalid_scope', [1002012]]);
    expect(await refusal({ ...refreshing, scope: 'Mail.Read' })).toEqual([400, 'invalid_grant', [65001]]);
    expect(await refusal({ ...refreshing, refresh_token: '1.x.y' })).toEqual([
      400,
      'invalid_grant',
      [9002313],
    ]);
    entra.grants.revokeUser(user.userId);
    expect(await refusal(refreshing)).toEqual([400, 'invalid_grant', [50173]]);
    entra.grants.withdrawConsent(tenantId, application.clientId);
    expect(await refusal(appOnly)).toEqual([400, 'unauthorized_client', [700016]]);
  });

  test('gives tokens for the marketplace, in both of its versions', async () => {
    const { ask, entra, tenantId, application, refusal } = await aConsentedTenant();
    const resource = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';
    const newer = await ask({ grant_type: 'client_credentials', scope: `${resource}/.default` });
    const askOlder = async (form: Record<string, string>) => {
      const { clientId, clientSecret } = application;
      const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...form });
      const response = await fetch(`${entra.url}/${tenantId}/oauth2/token`, { method: 'POST', body });
      return (await response.json()) as Record<string, unknown>;
    };
    const older = await askOlder({ grant_type: 'client_credentials', resource });
    expect(older).toMatchObject({ token_type: 'Bearer', resource });
    expect(Number(older['expires_on']) - Number(older['not_before'])).toBe(Number(older['expires_in']));
    expect(typeof older['expires_in']).toBe('string');
    for (const token of [newer.body['access_token'], older['access_token']]) {
      expect(await entra.tokens.callerOfMarketplace(String(token))).toEqual({
        tenantId,
        clientId: application.clientId,
      });
    }
    expect(await refusal({ ...appOnly, scope: 'https://x.example/.default' })).toEqual([
      400,
      'invalid_resource',
      [500011],
    ]);
    expect(await askOlder({ grant_type: 'refresh_token', resource })).toMatchObject({ error_codes: [70003] });
    expect(await askOlder({ grant_type: 'client_credentials' })).toMatchObject({ error_codes: [900144] });
  });

  test('signs with a new key on request, and honours the earlier ones until they are withdrawn', async () => {
    const { ask, entra } = await aConsentedTenant();
    const callerWith = ({ body }: Awaited<ReturnType<typeof ask>>) =>
      entra.tokens.callerOfGraph(String(body['access_token']));
    const first = await ask(appOnly);
    await entra.signer.rotate('keep');
    expect(entra.signer.jwks.keys).toHaveLength(2);
    expect(await callerWith(first)).toMatchObject({ kind: 'application' });
    const second = await ask(appOnly);
    await entra.signer.rotate('withdraw');
    expect(entra.signer.jwks.keys).toHaveLength(1);
    expect(await callerWith(second)).toBe('signature');
    expect(await callerWith(await ask(appOnly))).toMatchObject({ kind: 'application' });
  });

  test('publishes metadata with its own endpoints under the issuer of Microsoft', async () => {
    const { entra, tenantId } = await aConsentedTenant();
    const metadata: unknown = await (
      await fetch(`${entra.url}/${tenantId}/v2.0/.well-known/openid-configuration`)
    ).json();
    expect(metadata).toMatchObject({
      issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`,
      jwks_uri: `${entra.url}/${tenantId}/discovery/v2.0/keys`,
    });
  });
});

describe('signing in', () => {
  const redirectUri = 'http://127.0.0.1:9/back';
  const locationOf = async (url: string) => {
    const response = await fetch(url, { redirect: 'manual' });
    const location = response.headers.get('location');
    return location === null ? response.status : Object.fromEntries(new URL(location).searchParams);
  };

  test('gives the application a code, and for it tokens, once', async () => {
    const { ask, refusal, entra, tenantId, application, user } = await aConsentedTenant();
    const verifier = 'v'.repeat(43);
    const query = new URLSearchParams({
      client_id: application.clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      scope: 'openid offline_access https://graph.microsoft.com/Presence.Read.All',
      state: 's',
      nonce: 'n',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const url = `${entra.url}/common/oauth2/v2.0/authorize?${query.toString()}`;
    const page = await (await fetch(url)).text();
    expect(page).toContain(`login_hint=${encodeURIComponent(user.mail)}`);
    const answer = await locationOf(`${url}&login_hint=${user.mail}`);
    expect(answer).toMatchObject({ state: 's' });
    const { code } = answer as { code: string };
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
    expect(await refusal({ ...form, code_verifier: 'wrong' })).toEqual([400, 'invalid_grant', [501481]]);
    const { body } = await ask({ ...form, code_verifier: verifier }, 'common');
    expect(body['refresh_token']).toBeDefined();
    expect(decodeJwt(String(body['id_token']))).toMatchObject({
      tid: tenantId,
      oid: user.userId,
      nonce: 'n',
    });
    expect(await refusal({ ...form, code_verifier: verifier })).toEqual([400, 'invalid_grant', [54005]]);
  });

  test('needs the consent of an administrator, which a page asks for', async () => {
    const { entra, tenantId, application, user } = await aConsentedTenant();
    entra.grants.withdrawConsent(tenantId, application.clientId);
    const common = {
      client_id: application.clientId,
      redirect_uri: redirectUri,
      state: 's',
      scope: 'Presence.Read.All',
    };
    const query = new URLSearchParams({ ...common, response_type: 'code', login_hint: user.mail });
    const authorize = `${entra.url}/${tenantId}/oauth2/v2.0/authorize?${query.toString()}`;
    expect(await locationOf(authorize)).toMatchObject({ error: 'access_denied' });
    const consent = `adminconsent?${new URLSearchParams(common).toString()}`;
    expect(await (await fetch(`${entra.url}/organizations/v2.0/${consent}`)).text()).toContain('Contoso');
    expect(await locationOf(`${entra.url}/${tenantId}/v2.0/${consent}`)).toMatchObject({
      admin_consent: 'True',
      tenant: tenantId,
    });
    expect(await locationOf(authorize)).toHaveProperty('code');
  });
});

describe('the key vault', () => {
  // The SDK caches the managed identity's token for the whole process, so all tests need the same signing key.
  const directory = mkdtempSync(join(tmpdir(), 'entra-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  async function aVault() {
    const { entra, simulation, clock } = await anEntra(directory);
    const { tokens, homeTenantId, identity } = entra;
    const vault = await startKeyVault(simulation, {
      tokens,
      tenantId: homeTenantId,
      allowedOid: identity.oid,
      retentionDays: 7,
    });
    cleanUps.push(() => vault.close());
    process.env['IDENTITY_ENDPOINT'] = `${entra.url}/msi/token`;
    process.env['IDENTITY_HEADER'] = identity.header;
    const client = new SecretClient(vault.url, new ManagedIdentityCredential(), {
      allowInsecureConnection: true,
      disableChallengeResourceVerification: true,
      retryOptions: { maxRetries: 0 },
    });
    return { client, simulation, clock, vault, entra };
  }

  test('keeps versions of secrets for its managed identity, and tells nobody', async () => {
    const { client, simulation } = await aVault();
    await client.setSecret('Pin', 'one', { tags: { owner: 'x' } });
    const { properties } = await client.setSecret('Pin', 'two');
    expect((await client.getSecret('pin')).value).toBe('two');
    expect((await client.getSecret('pin', { version: properties.version ?? '' })).value).toBe('two');
    const versions = await allOf(client.listPropertiesOfSecretVersions('Pin'));
    expect(versions.map(({ tags }) => tags)).toEqual([{ owner: 'x' }, undefined]);
    await expect(client.getSecret('Other')).rejects.toMatchObject({
      statusCode: 404,
      code: 'SecretNotFound',
    });
    expect(JSON.stringify(simulation.journal.list({ vendor: 'keyVault' }))).not.toMatch(/one|two/);
    expect(simulation.journal.list({ vendor: 'keyVault' })[0]).toMatchObject({ status: 401, body: null });
  });

  test('lists in pages, updates and disables', async () => {
    const { client } = await aVault();
    for (let n = 0; n < 27; n += 1) await client.setSecret(`s${n}`, 'v');
    expect(await allOf(client.listPropertiesOfSecrets())).toHaveLength(27);
    const { properties } = await client.setSecret('off', 'v');
    await client.updateSecretProperties('off', properties.version ?? '', { enabled: false });
    await expect(client.getSecret('off')).rejects.toMatchObject({ statusCode: 403 });
  });

  test('deletes softly, recovers, and purges on request or after the retention', async () => {
    const { client, clock, vault, entra } = await aVault();
    await client.setSecret('a', 'v');
    const poller = await client.beginDeleteSecret('a');
    await poller.pollUntilDone();
    await expect(client.setSecret('a', 'w')).rejects.toMatchObject({ statusCode: 409, code: 'Conflict' });
    await (await client.beginRecoverDeletedSecret('a')).pollUntilDone();
    expect((await client.getSecret('a')).value).toBe('v');
    await client.beginDeleteSecret('a');
    await client.purgeDeletedSecret('a');
    await expect(client.getDeletedSecret('a')).rejects.toMatchObject({ statusCode: 404 });
    await client.setSecret('a', 'new');
    await client.beginDeleteSecret('a');
    expect((await client.getDeletedSecret('a')).recoveryId).toBeDefined();
    await clock.advance(7 * day);
    const { token } = await entra.tokens.forManagedIdentity(entra.identity);
    const headers = { authorization: `Bearer ${token}` };
    const deleted = await fetch(`${vault.url}/deletedsecrets?api-version=7.6`, { headers });
    expect(await deleted.json()).toEqual({ value: [], nextLink: null });
  });

  test('refuses unknown API versions, unknown fields and strangers', async () => {
    const { vault, entra } = await aVault();
    const { token } = await entra.tokens.forManagedIdentity(entra.identity);
    const stranger = await entra.tokens.forManagedIdentity({ ...entra.identity, oid: 'stranger' });
    const put = async (bearer: string, version: string, body: object) =>
      (
        await fetch(`${vault.url}/secrets/x?api%2Dversion=${version}`, {
          method: 'PUT',
          headers: { authorization: `Bearer ${bearer}` },
          body: JSON.stringify(body),
        })
      ).status;
    expect(await put(token, '7.6', { value: 'v' })).toBe(200);
    expect(await put(token, '6.0', { value: 'v' })).toBe(400);
    expect(await put(token, '7.6', { value: 'v', color: 'red' })).toBe(400);
    expect(await put(token, '7.6', { value: 'v'.repeat(25 * 1024 + 1) })).toBe(400);
    expect(await put(stranger.token, '7.6', { value: 'v' })).toBe(403);
    expect(await put('nonsense', '7.6', { value: 'v' })).toBe(401);
  });
});
