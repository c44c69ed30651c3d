/** The app settings: what is missing is named, and no value is ever printed. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readConfig, readDatabaseConfig, readErasureConfig } from '../config.ts';
import { publishedPlans } from '../domain/plans.ts';

const complete = {
  PUBLIC_BASE_URL: 'https://hub.example.com/',
  DATABASE_FILE: '/data/hub.sqlite',
  KEY_VAULT_URL: 'https://hub.vault.azure.net',
  EXPORT_STORAGE_URL: 'https://hub.blob.core.windows.net',
  WEBHOOK_KEY: 'k'.repeat(32),
  RECEIPT_SIGNING_KEY:
    '-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\\n-----END PRIVATE KEY-----',
  MICROSOFT_CLIENT_ID: '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11',
  MICROSOFT_CLIENT_SECRET: 'microsoft secret',
  RINGCENTRAL_CLIENT_ID: 'ring central id',
  RINGCENTRAL_CLIENT_SECRET: 'ring central secret',
  PUBLISHER_TENANT_ID: '7a6f1c7e-2b53-4d0a-8a0a-5d6f9b1e2c33',
  MARKETPLACE_CLIENT_ID: '3c1d2b4a-9e8f-4a7b-8c6d-1f2e3d4c5b6a',
  MARKETPLACE_CLIENT_SECRET: 'marketplace secret',
};
const certificate = '-----BEGIN CERTIFICATE-----\\nMII\\n-----END CERTIFICATE-----';
const privateKey = '-----BEGIN PRIVATE KEY-----\\nMII\\n-----END PRIVATE KEY-----';

function complaint(environment: NodeJS.ProcessEnv): Error {
  try {
    readConfig(environment);
  } catch (error) {
    return error as Error;
  }
  throw new Error('There was no complaint.');
}

describe('the settings', () => {
  test('are read with the vendors as defaults', () => {
    expect(readConfig(complete)).toMatchObject({
      publicBaseUrl: 'https://hub.example.com',
      microsoft: {
        authorityUrl: 'https://login.microsoftonline.com',
        graphUrl: 'https://graph.microsoft.com',
      },
      ringCentral: { serverUrl: 'https://platform.ringcentral.com' },
      exportStorage: { url: 'https://hub.blob.core.windows.net' },
      marketplace: { baseUrl: 'https://marketplaceapi.microsoft.com/api' },
      notificationCertificate: undefined,
    });
  });

  test('may hold a certificate with its line breaks written out', () => {
    const { notificationCertificate } = readConfig({
      ...complete,
      NOTIFICATION_CERTIFICATE: certificate,
      NOTIFICATION_PRIVATE_KEY: privateKey,
    });
    expect(notificationCertificate?.certificatePem.split('\n')).toHaveLength(3);
    expect(notificationCertificate?.id).toBe('key-1');
  });

  test('want a key of receipts that Ed25519 can sign with, and say how one is made', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const pem = String(rsa.export({ type: 'pkcs8', format: 'pem' }));
    for (const wrong of [pem, privateKey]) {
      const { message } = complaint({ ...complete, RECEIPT_SIGNING_KEY: wrong });
      expect(message).toContain('RECEIPT_SIGNING_KEY: must be an Ed25519 key');
      expect(message).toContain('openssl genpkey');
      expect(message).not.toContain('MII');
    }
  });

  test('of re-applied erasures are the database, the storage and the key of receipts', () => {
    expect(readErasureConfig(complete)).toMatchObject({
      database: { file: '/data/hub.sqlite' },
      exportStorage: { url: 'https://hub.blob.core.windows.net' },
    });
    expect(() => readErasureConfig({})).toThrow(/DATABASE_FILE[^]*EXPORT_STORAGE_URL[^]*RECEIPT_SIGNING_KEY/);
  });

  test('have the published plans unless a catalogue is given', () => {
    expect(readConfig(complete).plans).toEqual(publishedPlans);
    const plans = [
      { planId: 'gold', perSeat: true },
      { planId: 'flat', perSeat: false, includedSeats: 5 },
      { planId: 'everybody', perSeat: false },
    ];
    expect(readConfig({ ...complete, PLAN_CATALOGUE: JSON.stringify(plans) }).plans).toEqual(plans);
  });

  test.each([
    'gold',
    '[]',
    '{"planId":"gold","perSeat":true}',
    '[{"planId":"gold"}]',
    '[{"planId":"","perSeat":true}]',
    '[{"planId":"gold","perSeat":true,"includedSeats":5}]',
    '[{"planId":"flat","perSeat":false,"includedSeats":0}]',
    '[{"planId":"gold","perSeat":true},{"planId":"gold","perSeat":false}]',
  ])('are refused with %s as the catalogue of plans', (catalogue) => {
    expect(complaint({ ...complete, PLAN_CATALOGUE: catalogue }).message).toContain('PLAN_CATALOGUE');
  });

  test('are refused with the name of each one missing', () => {
    const { message } = complaint({});
    for (const name of Object.keys(complete)) expect(message).toContain(name);
  });

  test('are refused where a certificate comes without its key', () => {
    expect(complaint({ ...complete, NOTIFICATION_CERTIFICATE: certificate }).message).toContain(
      'NOTIFICATION_PRIVATE_KEY: must be given together with NOTIFICATION_CERTIFICATE',
    );
  });

  test.each(['http://hub.example.com', 'hub.example.com', 'ftp://hub.example.com', ''])(
    'are refused with %j as the public address',
    (url) => {
      expect(complaint({ ...complete, PUBLIC_BASE_URL: url }).message).toContain('PUBLIC_BASE_URL');
    },
  );

  test.each(['http://127.0.0.1:7071', 'http://localhost:7071', 'http://[::1]:7071'])(
    'take plain http on this machine: %s',
    (url) => {
      expect(readConfig({ ...complete, PUBLIC_BASE_URL: url }).publicBaseUrl).toBe(url);
    },
  );

  const { EXPORT_STORAGE_URL: storageUrl, ...noStorage } = complete;
  const onThisMachine = 'AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:10000/a';

  test.each([
    'UseDevelopmentStorage=true',
    onThisMachine,
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5==;EndpointSuffix=core.windows.net',
  ])('take a connection string instead of an address for exports: %s', (connectionString) => {
    const { exportStorage } = readConfig({
      ...noStorage,
      EXPORT_STORAGE_CONNECTION_STRING: connectionString,
    });
    expect(exportStorage).toEqual({ connectionString });
  });

  test.each([
    '',
    'AccountName=a;AccountKey=a2V5',
    onThisMachine.replace('127.0.0.1', 'storage.example.com'),
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5',
    'BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=1',
  ])('are refused with %j as the connection string for exports', (connectionString) => {
    expect(complaint({ ...noStorage, EXPORT_STORAGE_CONNECTION_STRING: connectionString }).message).toContain(
      'EXPORT_STORAGE_CONNECTION_STRING: must be',
    );
  });

  test.each(['http://127.0.0.1:10000/a', 'hub.blob.core.windows.net', ''])(
    'are refused with %j as the address for exports, to which a token would be sent',
    (url) => {
      expect(complaint({ ...complete, EXPORT_STORAGE_URL: url }).message).toContain('EXPORT_STORAGE_URL');
    },
  );

  test('are refused with both ways to the exports, or with none', () => {
    const both = { ...complete, EXPORT_STORAGE_CONNECTION_STRING: onThisMachine };
    for (const environment of [both, noStorage]) {
      const { message } = complaint(environment);
      expect(message).toContain('EXPORT_STORAGE_URL: must be given, or EXPORT_STORAGE_CONNECTION_STRING');
      expect(message).not.toContain(storageUrl);
    }
  });

  describe('of telemetry', () => {
    const instrumentationKey = '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
    const connectionString = `InstrumentationKey=${instrumentationKey};IngestionEndpoint=https://x.in.applicationinsights.azure.com/;LiveEndpoint=https://x/`;
    const quiet = { APPLICATION_INSIGHTS_NO_STATSBEAT: 'true' };

    test('name a resource and its ingestion endpoint, or there is none', () => {
      expect(readConfig(complete).telemetry).toBeUndefined();
      const settings = { ...complete, ...quiet, TELEMETRY_CONNECTION_STRING: connectionString };
      expect(readConfig(settings).telemetry).toEqual({
        connectionString,
        ingestionUrl: 'https://x.in.applicationinsights.azure.com',
      });
    });

    test.each([
      'nothing',
      `InstrumentationKey=${instrumentationKey}`,
      'InstrumentationKey=7;IngestionEndpoint=https://x',
      `InstrumentationKey=${instrumentationKey};IngestionEndpoint=http://x`,
    ])('are refused where they do not: %s', (text) => {
      const { message } = complaint({ ...complete, ...quiet, TELEMETRY_CONNECTION_STRING: text });
      expect(message).toContain('TELEMETRY_CONNECTION_STRING: must hold');
      expect(message).not.toContain(text);
    });

    test('are refused where the exporter would report on itself', () => {
      const { message } = complaint({ ...complete, TELEMETRY_CONNECTION_STRING: connectionString });
      expect(message).toContain('APPLICATION_INSIGHTS_NO_STATSBEAT: must be given');
    });

    test.each(['APPLICATIONINSIGHTS_CONNECTION_STRING', 'APPINSIGHTS_INSTRUMENTATIONKEY'])(
      'are refused where the Functions host would send its own: %s',
      (name) => {
        expect(complaint({ ...complete, [name]: connectionString }).message).toContain(
          `${name}: must not be set`,
        );
      },
    );
  });

  test('are never printed, whatever is wrong with them', () => {
    const names = Object.keys(complete);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.string({ minLength: 8, maxLength: 24 }), (name, wrong) => {
        const value = `<${wrong}>`;
        if (name === 'DATABASE_FILE' || name.endsWith('_SECRET') || name.startsWith('RINGCENTRAL')) return;
        const error = complaint({ ...complete, [name]: value });
        expect(error.message).toContain(name);
        expect(JSON.stringify([error.message, Object.entries(error), String(error.cause)])).not.toContain(
          JSON.stringify(value).slice(1, -1),
        );
      }),
    );
  });
});

describe('the settings of the database', () => {
  const azure = { SQL_SERVER: 'hub.database.windows.net', SQL_DATABASE: 'hub' };
  const here = { SQL_SERVER: '127.0.0.1', SQL_DATABASE: 'hub', SQL_USER: 'hub', SQL_PASSWORD: 'a secret' };

  function databaseComplaint(environment: NodeJS.ProcessEnv): string {
    try {
      readDatabaseConfig(environment);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('There was no complaint.');
  }

  test('are a file, or a server with its database', () => {
    expect(readDatabaseConfig({ DATABASE_FILE: '/data/hub.sqlite' })).toEqual({ file: '/data/hub.sqlite' });
    expect(readDatabaseConfig(azure)).toEqual({
      server: 'hub.database.windows.net',
      port: 1433,
      database: 'hub',
      login: 'managedIdentity',
      encrypt: true,
      trustServerCertificate: false,
    });
    expect(readConfig({ ...complete, DATABASE_FILE: undefined, ...azure }).database).toMatchObject({
      server: 'hub.database.windows.net',
    });
  });

  test('take a login of the server’s own, on another port, and without TLS on this machine alone', () => {
    const settings = {
      ...here,
      SQL_PORT: '14330',
      SQL_ENCRYPT: 'false',
      SQL_TRUST_SERVER_CERTIFICATE: 'true',
    };
    for (const server of ['127.0.0.1', 'localhost', '::1']) {
      expect(readDatabaseConfig({ ...settings, SQL_SERVER: server })).toEqual({
        server,
        port: 14330,
        database: 'hub',
        login: { user: 'hub', password: 'a secret' },
        encrypt: false,
        trustServerCertificate: true,
      });
    }
  });

  test.each<[NodeJS.ProcessEnv, string]>([
    [{}, 'DATABASE_FILE'],
    [{ DATABASE_FILE: '' }, 'DATABASE_FILE'],
    [{ ...azure, DATABASE_FILE: '/data/hub.sqlite' }, 'DATABASE_FILE'],
    [{ SQL_SERVER: 'hub.database.windows.net' }, 'SQL_DATABASE'],
    [{ ...azure, SQL_SERVER: 'https://hub.database.windows.net' }, 'SQL_SERVER'],
    [{ ...azure, SQL_SERVER: 'hub.database.windows.net;Encrypt=no' }, 'SQL_SERVER'],
    [{ ...azure, SQL_SERVER: '' }, 'SQL_SERVER'],
    [{ ...azure, SQL_PORT: '0' }, 'SQL_PORT'],
    [{ ...azure, SQL_PORT: 'a secret' }, 'SQL_PORT'],
    [{ ...azure, SQL_USER: 'hub' }, 'SQL_PASSWORD'],
    [{ ...azure, SQL_PASSWORD: 'a secret' }, 'SQL_PASSWORD'],
    [{ ...azure, SQL_ENCRYPT: 'false' }, 'SQL_ENCRYPT'],
    [{ ...azure, SQL_ENCRYPT: 'no' }, 'SQL_ENCRYPT'],
    [{ ...azure, SQL_TRUST_SERVER_CERTIFICATE: 'true' }, 'SQL_TRUST_SERVER_CERTIFICATE'],
    [{ ...here, SQL_SERVER: '192.168.0.9', SQL_ENCRYPT: 'false' }, 'SQL_ENCRYPT'],
    [{ ...here, SQL_SERVER: '127.0.0.1.example.com', SQL_ENCRYPT: 'false' }, 'SQL_ENCRYPT'],
  ])('are refused as %j, with the name of %s and no secret', (environment, name) => {
    const message = databaseComplaint(environment);
    expect(message).toContain(`  ${name}: `);
    expect(message).not.toContain('a secret');
  });
});
