import {
  constants,
  createCipheriv,
  createHmac,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, SignJWT } from 'jose';
import {
  makeNotificationReader,
  readNotificationBatch,
  type NotificationReader,
} from '../../../clients/graph/notifications.ts';
import { failureOf } from '../fakes.ts';
import { openOddServer, type OddServer } from '../odd-server.ts';

const now = new Date('2026-01-05T10:00:00Z');
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const signing = rsa();
const foreign = rsa();
const oldCertificate = rsa();
const newCertificate = rsa();
const pem = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

let server: OddServer;
let reader: NotificationReader;
beforeAll(async () => {
  server = await openOddServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.received.length = 0;
  const keys = [{ ...(await exportJWK(signing.publicKey)), kid: 'k1', use: 'sig', alg: 'RS256' }];
  server.answer = () => ({ body: { keys } });
  reader = aReader();
});

function aReader(): NotificationReader {
  return makeNotificationReader({
    clientId: 'our-app',
    authorityUrl: `${server.url}/`,
    certificates: [
      { id: 'key-1', privateKeyPem: pem(oldCertificate.privateKey) },
      { id: 'key-2', privateKeyPem: pem(newCertificate.privateKey) },
    ],
    clock: () => now,
  });
}

const publisher = '0bf30f3b-4a52-48df-9a82-234910c4a086';
interface TokenParts {
  claims?: Record<string, unknown>;
  audience?: string;
  key?: KeyObject;
  kid?: string;
  expiresIn?: number;
}
function aToken({ claims, audience, key, kid, expiresIn }: TokenParts = {}): Promise<string> {
  return new SignJWT({
    iss: 'https://login.microsoftonline.com/m1/v2.0',
    tid: 'm1',
    azp: publisher,
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid: kid ?? 'k1' })
    .setAudience(audience ?? 'our-app')
    .setExpirationTime(now.getTime() / 1000 + (expiresIn ?? 3600))
    .sign(key ?? signing.privateKey);
}

describe('validation tokens', () => {
  test('vouch for their tenants, in both versions of tokens', async () => {
    const first = { iss: 'https://sts.windows.net/m2/', tid: 'm2', azp: undefined, appid: publisher };
    const tokens = [await aToken(), await aToken({ claims: first })];
    expect(await reader.verifyValidationTokens(tokens)).toEqual({ tenantIds: new Set(['m1', 'm2']) });
  });

  test('vouch for a tenant however its id is spelt', async () => {
    const tid = 'AB-1';
    const spelt = { iss: 'https://login.microsoftonline.com/ab-1/v2.0', tid };
    const older = { iss: `https://sts.windows.net/${tid}/`, tid, azp: undefined, appid: publisher };
    for (const claims of [spelt, older])
      expect(await reader.verifyValidationTokens([await aToken({ claims })])).toEqual({
        tenantIds: new Set(['ab-1']),
      });
  });

  test('need the signing keys once only', async () => {
    await reader.verifyValidationTokens([await aToken()]);
    await reader.verifyValidationTokens([await aToken()]);
    expect(server.received.map(({ path }) => path)).toEqual(['/common/discovery/v2.0/keys']);
  });

  test.each([
    ['for another application', { audience: 'other-app' }],
    ['past their end', { expiresIn: -1 }],
    ['signed by somebody else', { key: foreign.privateKey }],
    ['signed with an unknown key', { kid: 'k9' }],
    ['of another publisher', { claims: { azp: 'somebody' } }],
    ['of another publisher in the other version', { claims: { azp: 'somebody', appid: publisher } }],
    ["with another tenant's issuer", { claims: { tid: 'm2' } }],
    ['of a foreign issuer', { claims: { iss: 'https://evil.example/m1/v2.0' } }],
    ['without a tenant', { claims: { tid: undefined } }],
  ])('are refused when %s', async (_how, parts) => {
    expect(await reader.verifyValidationTokens([await aToken(), await aToken(parts)])).toBeUndefined();
  });

  test('are refused when there are none or they are no tokens', async () => {
    expect(await reader.verifyValidationTokens([])).toBeUndefined();
    expect(await reader.verifyValidationTokens(['', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])).toBeUndefined();
  });

  test.each([{ status: 503 }, { body: 'no JSON' }, { body: { no: 'keys' } }, { fault: 'hangUp' as const }])(
    'cannot be judged while the keys answer %j',
    async (answer) => {
      const works = server.answer;
      server.answer = () => answer;
      expect(await failureOf(reader.verifyValidationTokens([await aToken()]))).toMatchObject({
        failure: 'unavailable',
      });
      server.answer = works;
      expect(await reader.verifyValidationTokens([await aToken()])).toBeDefined();
    },
  );
});

function seal(presence: unknown, certificate = newCertificate.publicKey, id = 'key-2') {
  const key = randomBytes(32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(JSON.stringify(presence)), cipher.final()]);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return {
    data: data.toString('base64'),
    dataKey: publicEncrypt({ key: certificate, padding, oaepHash: 'sha1' }, key).toString('base64'),
    dataSignature: createHmac('sha256', key).update(data).digest('base64'),
    encryptionCertificateId: id,
    encryptionCertificateThumbprint: 'ff',
  };
}

describe('encrypted presence', () => {
  const presence = {
    '@odata.type': '#microsoft.graph.presence',
    id: 'u1',
    availability: 'Busy',
    activity: 'InACall',
  };

  test('is opened with the private key of its certificate, old or new', () => {
    const opened = { userId: 'u1', availability: 'Busy', activity: 'InACall' };
    expect(reader.decrypt(seal(presence))).toEqual(opened);
    const withSequence = seal({ ...presence, sequenceNumber: 'A7' }, oldCertificate.publicKey, 'key-1');
    expect(reader.decrypt(withSequence)).toEqual({ ...opened, sequenceNumber: 'A7' });
  });

  test('is ignored when it was changed on the way', () => {
    const sealed = seal(presence);
    const data = Buffer.from(sealed.data, 'base64');
    data[0] = (data[0] ?? 0) ^ 1;
    expect(reader.decrypt({ ...sealed, data: data.toString('base64') })).toBeUndefined();
    expect(reader.decrypt({ ...sealed, dataSignature: 'AAAA' })).toBeUndefined();
    expect(reader.decrypt({ ...sealed, dataKey: sealed.data })).toBeUndefined();
  });

  test('is ignored when it is for another certificate or no presence', () => {
    expect(reader.decrypt(seal(presence, newCertificate.publicKey, 'key-3'))).toBeUndefined();
    expect(reader.decrypt(seal(presence, foreign.publicKey))).toBeUndefined();
    expect(reader.decrypt(seal({ id: 'u1' }))).toBeUndefined();
    expect(reader.decrypt(seal('text'))).toBeUndefined();
    for (const nonsense of [undefined, null, 'x', {}, { data: '?' }])
      expect(reader.decrypt(nonsense)).toBeUndefined();
  });
});

describe('a batch of notifications', () => {
  test('may mix changes, lifecycle events and tenants', () => {
    const read = readNotificationBatch({
      value: [
        {
          subscriptionId: 's1',
          clientState: 'c',
          changeType: 'updated',
          tenantId: 'm1',
          resource: 'communications/presences/u1',
          resourceData: {
            '@odata.type': '#microsoft.graph.presence',
            '@odata.id': 'users/u1/presence',
            id: 'u1',
          },
        },
        {
          lifecycleEvent: 'reauthorizationRequired',
          subscriptionId: 's2',
          organizationId: 'm2',
          subscriptionExpirationDateTime: '2026-01-01T10:59:00Z',
        },
      ],
      validationTokens: ['a.b.c'],
    });
    expect(read).toEqual({
      changes: [{ subscriptionId: 's1', clientState: 'c', microsoftTenantId: 'm1', userId: 'u1' }],
      lifecycleEvents: [
        {
          lifecycleEvent: 'reauthorizationRequired',
          subscriptionId: 's2',
          microsoftTenantId: 'm2',
        },
      ],
      validationTokens: ['a.b.c'],
    });
  });

  test.each([
    ['only @odata.id', { resourceData: { id: null, '@odata.id': 'users/u1/presence' } }],
    ['an @odata.id with a key', { resourceData: { '@odata.id': "users('u1')/presence" } }],
    ['only the resource', { resource: "communications/presences('u1')", resourceData: null }],
    ['a resource with a path', { resource: '/communications/presences/u1' }],
  ])('names the user with %s', (_where, item) => {
    const read = readNotificationBatch({
      value: [{ subscriptionId: 's1', ...item }],
      validationTokens: null,
    });
    expect(read?.changes).toEqual([{ subscriptionId: 's1', userId: 'u1' }]);
    expect(read?.validationTokens).toEqual([]);
  });

  test('names tenants and users in lower case', () => {
    const value = [
      { subscriptionId: 'S1', tenantId: 'M1', resourceData: { id: 'U1' } },
      { subscriptionId: 'S1', organizationId: 'M1', resource: "communications/presences('U1')" },
      { subscriptionId: 'S1', tenantId: 'M1', lifecycleEvent: 'missed' },
    ];
    const change = { subscriptionId: 'S1', microsoftTenantId: 'm1', userId: 'u1' };
    expect(readNotificationBatch({ value })).toMatchObject({
      changes: [change, change],
      lifecycleEvents: [{ subscriptionId: 'S1', microsoftTenantId: 'm1' }],
    });
  });

  test('loses only the items that cannot be read', () => {
    const value = [
      null,
      7,
      {},
      { subscriptionId: '' },
      { subscriptionId: 's1', clientState: 5, resourceData: 'x' },
    ];
    expect(readNotificationBatch({ value })?.changes).toEqual([{ subscriptionId: 's1' }]);
  });

  test('is not just anything', () => {
    for (const body of [undefined, null, 'x', [], {}, { value: {} }])
      expect(readNotificationBatch(body)).toBeUndefined();
  });
});
