/** Which tokens prove that a webhook is the marketplace's. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, SignJWT, type JWTPayload } from 'jose';
import {
  makeWebhookTokenVerifier,
  type VerifyWebhookToken,
} from '../../../clients/marketplace/webhook-token.ts';
import { forgerySchema, type Forgery } from '../../../local/vendors/faults.ts';
import { aPublisher, type Publisher } from '../../local/vendors/marketplace-driver.ts';
import { failureOf } from '../fakes.ts';
import { openOddServer, type Answer, type OddServer } from '../odd-server.ts';

const genuine = { kind: 'genuine' };
const minute = 60_000;
const hour = 60 * minute;

describe('webhooks of the simulated marketplace', () => {
  let publisher: Publisher;
  let verify: VerifyWebhookToken;
  beforeEach(async () => {
    publisher = await aPublisher();
    const { urls, publisherTenantId, apps } = publisher.vendors;
    verify = makeWebhookTokenVerifier({
      authorityUrl: urls.entra,
      publisherTenantId,
      clientId: apps.marketplace.clientId,
      clock: () => new Date(publisher.clock.now()),
    });
  });
  afterEach(() => publisher.close());

  /** The Authorization header of the next webhook, which is forged as asked. */
  const authorization = async (forged?: Forgery): Promise<string> => {
    publisher.marketplace.sendWebhook({ subscriptionId: 'any', action: 'Renew', forged });
    await publisher.work.whenIdle();
    return publisher.received.at(-1)?.authorization ?? '';
  };
  const keyRequests = () =>
    publisher.vendors.journal.list({ vendor: 'entra' }).filter(({ path }) => path.endsWith('/keys')).length;

  const flaws: Record<Forgery, string> = {
    noToken: 'missing',
    noJwt: 'malformed',
    algNone: 'algorithm',
    algHmac: 'algorithm',
    badSignature: 'signature',
    foreignKey: 'signature',
    wrongAudience: 'audience',
    wrongTenant: 'tenant',
    wrongApplication: 'application',
    wrongIssuer: 'issuer',
    expired: 'lifetime',
  };
  test.each(forgerySchema.options)('are forged when their token has the flaw %s', async (how) => {
    expect(await verify(await authorization(how))).toEqual({ kind: 'forged', flaw: flaws[how] });
    expect(await verify(await authorization())).toEqual(genuine);
  });

  test('are genuine in both versions of tokens', async () => {
    expect(await verify(await authorization())).toEqual(genuine);
    publisher.vendors.faults.add({ vendor: 'marketplace', kind: 'quirk', quirk: 'tokenVersion2' });
    expect(await verify(await authorization())).toEqual(genuine);
  });

  test('are judged with keys that are fetched once an hour', async () => {
    for (let times = 0; times < 3; times += 1) await verify(await authorization());
    expect(keyRequests()).toBe(1);
    await publisher.clock.advance(hour + minute);
    expect(await verify(await authorization())).toEqual(genuine);
    expect(keyRequests()).toBe(2);
  });

  test('are genuine under a new key at once, which ends those under a withdrawn one', async () => {
    const before = await authorization();
    expect(await verify(before)).toEqual(genuine);
    await publisher.clock.advance(minute);
    await publisher.vendors.rotateKeys('keep');
    expect(await verify(await authorization())).toEqual(genuine);
    expect(await verify(before)).toEqual(genuine);
    expect(keyRequests()).toBe(2);
    await publisher.clock.advance(minute);
    await publisher.vendors.rotateKeys('withdraw');
    expect(await verify(await authorization())).toEqual(genuine);
    expect(await verify(before)).toEqual({ kind: 'forged', flaw: 'signature' });
  });

  test('with made-up key ids do not make us fetch keys at their pace', async () => {
    await verify(await authorization());
    for (let times = 0; times < 5; times += 1) await verify(await authorization('foreignKey'));
    expect(keyRequests()).toBe(1);
  });

  test('end with their token', async () => {
    const header = await authorization();
    await publisher.clock.advance(hour - 1);
    expect(await verify(header)).toEqual(genuine);
    await publisher.clock.advance(1);
    expect(await verify(header)).toEqual({ kind: 'forged', flaw: 'lifetime' });
  });
});

describe('a token', () => {
  const now = new Date('2026-01-05T10:00:00Z');
  const seconds = Math.floor(now.getTime() / 1000);
  const tenant = '7A6f1c7e-2b53-4d0a-8a0a-5d6f9b1e2c33';
  const marketplaceId = '20e940b3-4c77-4b0b-9a53-9e16a1b010a7';
  const signing = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let server: OddServer;
  let verify: VerifyWebhookToken;
  beforeEach(async () => {
    server = await openOddServer();
    const keys = [{ ...(await exportJWK(signing.publicKey)), kid: 'k1', use: 'sig', alg: 'RS256' }];
    server.answer = () => ({ body: { keys } });
    verify = makeWebhookTokenVerifier({
      authorityUrl: `${server.url}/`,
      publisherTenantId: tenant,
      clientId: 'our-app',
      clock: () => now,
    });
  });
  afterEach(() => server.close());

  const ordinary: JWTPayload = {
    aud: 'our-app',
    iss: `https://sts.windows.net/${tenant}/`,
    tid: tenant,
    appid: marketplaceId,
    nbf: seconds,
    exp: seconds + 60,
  };
  const signed = async (claims: Record<string, unknown>) =>
    `Bearer ${await new SignJWT({ ...ordinary, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).sign(signing.privateKey)}`;

  test('is looked up among the keys of the publisher, however its ids are spelt', async () => {
    expect(await verify(await signed({ appid: marketplaceId.toUpperCase() }))).toEqual(genuine);
    expect(await verify((await signed({ tid: tenant.toLowerCase() })).replace('Bearer', 'bearer'))).toEqual(
      genuine,
    );
    expect(server.received.map(({ path }) => path)).toEqual([`/${tenant.toLowerCase()}/discovery/v2.0/keys`]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['lifetime', { nbf: seconds + 60 }],
    ['lifetime', { exp: seconds }],
    ['lifetime', { exp: undefined }],
    ['claims', { tid: undefined }],
    ['claims', { appid: undefined }],
    ['claims', { appid: undefined, azp: marketplaceId }],
    ['claims', { iss: `https://login.microsoftonline.com/${tenant}/v2.0` }],
    ['issuer', { iss: 'https://sts.windows.net/6c1d7a70-3d2a-4a0e-8f53-0a1b2c3d4e5f/' }],
    ['issuer', { iss: `https://sts.windows.net.evil.example/${tenant}/` }],
    ['issuer', { iss: `https://sts.windows.net/${tenant}` }],
    ['audience', { aud: undefined }],
    ['audience', { aud: [marketplaceId] }],
    ['application', { appid: 'our-app' }],
    ['tenant', { tid: 'another', iss: 'https://sts.windows.net/another/' }],
  ])('has the flaw %s with %j', async (flaw, claims) => {
    expect(await verify(await signed(claims))).toEqual({ kind: 'forged', flaw });
  });

  test.each([undefined, null, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'a.b.c'])(
    'is missing in %j',
    async (header) => {
      expect(await verify(header)).toEqual({ kind: 'forged', flaw: 'missing' });
      expect(server.received).toEqual([]);
    },
  );

  test.each(['none', 'HS256', 'PS256', 'ES256'])(
    'of the algorithm %s is refused before any key is fetched',
    async (alg) => {
      const parts = [{ alg, kid: 'k1' }, ordinary].map((part) =>
        Buffer.from(JSON.stringify(part)).toString('base64url'),
      );
      const secret = signing.publicKey.export({ type: 'spki', format: 'pem' });
      const mac =
        alg === 'none' ? '' : createHmac('sha256', secret).update(parts.join('.')).digest('base64url');
      expect(await verify(`Bearer ${parts.join('.')}.${mac}`)).toEqual({ kind: 'forged', flaw: 'algorithm' });
      expect(server.received).toEqual([]);
    },
  );

  test('cannot be signed with a key that the token brings along', async () => {
    const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = await exportJWK(own.publicKey);
    const jku = 'https://evil.example/keys';
    const token = await new SignJWT(ordinary)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', jwk, jku })
      .sign(own.privateKey);
    expect(await verify(`Bearer ${token}`)).toEqual({ kind: 'forged', flaw: 'signature' });
  });

  test.each<Answer>([{ status: 503 }, { body: 'no JSON' }, { body: { no: 'keys' } }, { fault: 'hangUp' }])(
    'cannot be judged while the keys answer %j, and can be later',
    async (answer) => {
      const works = server.answer;
      server.answer = () => answer;
      expect(await failureOf(verify(await signed({})))).toMatchObject({ failure: 'unavailable' });
      server.answer = works;
      expect(await verify(await signed({}))).toEqual(genuine);
    },
  );
});
