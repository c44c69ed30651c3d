/** The only reader of the environment: app settings, checked once at start. */
import { z } from 'zod';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The origin and path of a service; plain http only on this very machine. */
const serviceUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname));
}, 'must be an https URL');

/** A connection string that holds the account's key, which links are signed with. */
const storageConnectionString = z.string().refine((text) => {
  if (text === 'UseDevelopmentStorage=true') return true;
  const parts = new Map(text.split(';').map((part) => [part.split('=', 1)[0], part.replace(/^[^=]*=/, '')]));
  const endpoint = parts.get('BlobEndpoint');
  const encrypted =
    endpoint === undefined
      ? parts.get('DefaultEndpointsProtocol') === 'https'
      : serviceUrl.safeParse(endpoint).success;
  return encrypted && Boolean(parts.get('AccountName')) && Boolean(parts.get('AccountKey'));
}, "must be a storage account's connection string with its key, over https");

const pem = (kind: string) =>
  z
    .string()
    .transform((text) => text.replaceAll('\\n', '\n'))
    .refine(
      (text) => text.includes(`-----BEGIN ${kind}`),
      `must be a PEM text that begins with BEGIN ${kind}`,
    );

const settingsSchema = z.object({
  /** Where the vendors reach this app, for example https://hub.example.com. */
  PUBLIC_BASE_URL: serviceUrl,
  DATABASE_FILE: z.string().min(1),
  KEY_VAULT_URL: serviceUrl,
  /** Keys the MACs in webhook addresses; at least 32 characters. Changing it makes all subscriptions be made anew. */
  WEBHOOK_KEY: z.string().min(32),
  ENTRA_AUTHORITY_URL: serviceUrl.default('https://login.microsoftonline.com'),
  GRAPH_URL: serviceUrl.default('https://graph.microsoft.com'),
  MICROSOFT_CLIENT_ID: z.guid(),
  MICROSOFT_CLIENT_SECRET: z.string().min(1),
  RINGCENTRAL_URL: serviceUrl.default('https://platform.ringcentral.com'),
  RINGCENTRAL_CLIENT_ID: z.string().min(1),
  RINGCENTRAL_CLIENT_SECRET: z.string().min(1),
  /** With certificate and key, Graph's notifications carry the presence, encrypted; without, each costs a read. */
  NOTIFICATION_CERTIFICATE_ID: z.string().min(1).max(128).default('key-1'),
  NOTIFICATION_CERTIFICATE: pem('CERTIFICATE').optional(),
  NOTIFICATION_PRIVATE_KEY: pem('PRIVATE KEY').optional(),
});

const withWholeCertificate = settingsSchema.refine(
  (settings) =>
    (settings.NOTIFICATION_CERTIFICATE === undefined) === (settings.NOTIFICATION_PRIVATE_KEY === undefined),
  { path: ['NOTIFICATION_PRIVATE_KEY'], message: 'must be given together with NOTIFICATION_CERTIFICATE' },
);

/** The blob service that exports lie in: in Azure its address, used as the app's managed identity. */
const exportStorageSchema = z
  .object({
    EXPORT_STORAGE_URL: z.url({ protocol: /^https$/, error: 'must be an https URL' }).optional(),
    EXPORT_STORAGE_CONNECTION_STRING: storageConnectionString.optional(),
  })
  .transform(({ EXPORT_STORAGE_URL: url, EXPORT_STORAGE_CONNECTION_STRING: connectionString }, context) => {
    if (url !== undefined && connectionString === undefined) return { exportStorage: { url } };
    if (url === undefined && connectionString !== undefined) return { exportStorage: { connectionString } };
    const message = 'must be given, or EXPORT_STORAGE_CONNECTION_STRING, and not both';
    context.addIssue({ code: 'custom', path: ['EXPORT_STORAGE_URL'], message });
    return z.NEVER;
  });

const everySetting = withWholeCertificate.and(exportStorageSchema);

/** Reads the app settings. Throws an Error that names each setting at fault, and never its value. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env) {
  const parsed = everySetting.safeParse(environment);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The app settings are not complete:\n${faults.join('\n')}`);
  }
  const settings = parsed.data;
  return {
    publicBaseUrl: settings.PUBLIC_BASE_URL.replace(/\/+$/, ''),
    databaseFile: settings.DATABASE_FILE,
    keyVaultUrl: settings.KEY_VAULT_URL,
    webhookKey: settings.WEBHOOK_KEY,
    microsoft: {
      authorityUrl: settings.ENTRA_AUTHORITY_URL,
      graphUrl: settings.GRAPH_URL,
      clientId: settings.MICROSOFT_CLIENT_ID,
      clientSecret: settings.MICROSOFT_CLIENT_SECRET,
    },
    ringCentral: {
      serverUrl: settings.RINGCENTRAL_URL,
      clientId: settings.RINGCENTRAL_CLIENT_ID,
      clientSecret: settings.RINGCENTRAL_CLIENT_SECRET,
    },
    exportStorage: settings.exportStorage,
    notificationCertificate:
      settings.NOTIFICATION_CERTIFICATE === undefined || settings.NOTIFICATION_PRIVATE_KEY === undefined
        ? undefined
        : {
            id: settings.NOTIFICATION_CERTIFICATE_ID,
            certificatePem: settings.NOTIFICATION_CERTIFICATE,
            privateKeyPem: settings.NOTIFICATION_PRIVATE_KEY,
          },
  };
}
