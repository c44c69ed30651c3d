/** The app settings that in Azure would come from the deployment; secrets are made once per data directory. */
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { z } from 'zod';
import type { Vendors } from '../vendors/vendors.ts';

const ownSecretsSchema = z.object({
  webhookKey: z.string(),
  certificate: z.string(),
  privateKey: z.string(),
  receiptSigningKey: z.string(),
});
const partOfSecretsSchema = ownSecretsSchema.partial();
type OwnSecrets = z.infer<typeof ownSecretsSchema>;

export interface SettingsOptions {
  /** Where the app's own data lies. */
  appDataDir: string;
  /** Where the vendors reach the app. */
  publicBaseUrl: string;
  vendors: Vendors;
  /** The connection string of the blob service. */
  exportStorage: string;
  /** Without it Graph's notifications do not carry the presence, and each costs a read. */
  rich: boolean;
}

/** The environment for the app, pointing at the simulated vendors. */
export async function makeAppSettings(options: SettingsOptions): Promise<Record<string, string>> {
  const { appDataDir, publicBaseUrl, vendors, exportStorage, rich } = options;
  const own = await ownSecrets(appDataDir);
  return {
    FUNCTIONS_WORKER_RUNTIME: 'node',
    PUBLIC_BASE_URL: publicBaseUrl,
    DATABASE_FILE: databaseFile(appDataDir),
    KEY_VAULT_URL: vendors.urls.keyVault,
    EXPORT_STORAGE_CONNECTION_STRING: exportStorage,
    WEBHOOK_KEY: own.webhookKey,
    RECEIPT_SIGNING_KEY: own.receiptSigningKey,
    ENTRA_AUTHORITY_URL: vendors.urls.entra,
    GRAPH_URL: vendors.urls.graph,
    MICROSOFT_CLIENT_ID: vendors.apps.microsoft.clientId,
    MICROSOFT_CLIENT_SECRET: vendors.apps.microsoft.clientSecret,
    RINGCENTRAL_URL: vendors.urls.ringCentral,
    RINGCENTRAL_CLIENT_ID: vendors.apps.ringCentral.clientId,
    RINGCENTRAL_CLIENT_SECRET: vendors.apps.ringCentral.clientSecret,
    TELEMETRY_CONNECTION_STRING: vendors.telemetryConnectionString,
    APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
    MARKETPLACE_URL: vendors.urls.marketplace,
    PUBLISHER_TENANT_ID: vendors.publisherTenantId,
    MARKETPLACE_CLIENT_ID: vendors.apps.marketplace.clientId,
    MARKETPLACE_CLIENT_SECRET: vendors.apps.marketplace.clientSecret,
    // App Service offers its managed identity in just this way.
    IDENTITY_ENDPOINT: vendors.managedIdentity.endpoint,
    IDENTITY_HEADER: vendors.managedIdentity.header,
    ...(rich && {
      NOTIFICATION_CERTIFICATE: own.certificate,
      NOTIFICATION_PRIVATE_KEY: own.privateKey,
    }),
  };
}

/** The app's database file, which the seeding of customers writes too. */
export function databaseFile(appDataDir: string): string {
  return join(appDataDir, 'presence-hub.sqlite');
}

/** The key that the app signs receipts with and makes customers' codes from. */
export async function receiptSigningKey(appDataDir: string): Promise<string> {
  return (await ownSecrets(appDataDir)).receiptSigningKey;
}

async function ownSecrets(appDataDir: string): Promise<OwnSecrets> {
  const path = join(appDataDir, 'app-secrets.json');
  // A data directory of an earlier version lacks what has joined since.
  const held = existsSync(path) ? partOfSecretsSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : {};
  const whole = ownSecretsSchema.safeParse(held);
  if (whole.success) return whole.data;
  const receiptKey = generateKeyPairSync('ed25519').privateKey;
  const secrets = ownSecretsSchema.parse({
    webhookKey: randomBytes(32).toString('base64url'),
    receiptSigningKey: receiptKey.export({ type: 'pkcs8', format: 'pem' }),
    ...(await selfSignedCertificate()),
    ...held,
  });
  mkdirSync(appDataDir, { recursive: true });
  writeFileSync(path, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

/** Graph takes self-signed certificates with RSA keys of 2048 bits and more. */
async function selfSignedCertificate(): Promise<{ certificate: string; privateKey: string }> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notBefore = new Date();
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notBefore.getUTCFullYear() + 5);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { name: 'CN=Presence Hub notifications', notBefore, notAfter, signingAlgorithm: algorithm, keys },
    webcrypto,
  );
  const privateKey = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    certificate: certificate.toString('pem'),
    privateKey: x509.PemConverter.encode(privateKey, 'PRIVATE KEY'),
  };
}
