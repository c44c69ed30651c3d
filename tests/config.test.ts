/** The app settings: what is missing is named, and no value is ever printed. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { readConfig } from '../config.ts';

const complete = {
  PUBLIC_BASE_URL: 'https://hub.example.com/',
  DATABASE_FILE: '/data/hub.sqlite',
  KEY_VAULT_URL: 'https://hub.vault.azure.net',
  WEBHOOK_KEY: 'k'.repeat(32),
  MICROSOFT_CLIENT_ID: '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11',
  MICROSOFT_CLIENT_SECRET: 'microsoft secret',
  RINGCENTRAL_CLIENT_ID: 'ring central id',
  RINGCENTRAL_CLIENT_SECRET: 'ring central secret',
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
        if (['DATABASE_FILE', 'MICROSOFT_CLIENT_SECRET'].includes(name) || name.startsWith('RINGCENTRAL'))
          return;
        const error = complaint({ ...complete, [name]: value });
        expect(error.message).toContain(name);
        expect(JSON.stringify([error.message, Object.entries(error), String(error.cause)])).not.toContain(
          JSON.stringify(value).slice(1, -1),
        );
      }),
    );
  });
});
