/** The only reader of the environment: app settings, checked once at start. */
import { z } from 'zod';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The origin and path of a service; plain http only on this very machine. */
const serviceUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname));
}, 'must be an https URL');

const pem = (kind: string) =>
  z
    .string()
    .transform((text) => text.replaceAll('\\n', '\n'))
    .refine(
      (text) => text.includes(`-----BEGIN ${kind}`),
      `must be a PEM text that begins with BEGIN ${kind}`,
    );

const mustBeAbsent = z.string().max(0, 'must not be set; see TELEMETRY_CONNECTION_STRING').optional();

const connectionString = z.string().transform((text, context) => {
  const parts = Object.fromEntries(
    text.split(';').map((part) => {
      const [key = '', ...value] = part.split('=');
      return [key.trim().toLowerCase(), value.join('=').trim()];
    }),
  );
  const parsed = connectionParts.safeParse(parts);
  if (parsed.success) {
    return { connectionString: text, ingestionUrl: parsed.data.ingestionendpoint.replace(/\/+$/, '') };
  }
  context.addIssue('must hold InstrumentationKey, a GUID, and IngestionEndpoint, an https URL');
  return z.NEVER;
});
const connectionParts = z.object({ instrumentationkey: z.guid().lowercase(), ingestionendpoint: serviceUrl });

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
  /** Of the Application Insights resource that takes the app's own telemetry; without it there is none. */
  TELEMETRY_CONNECTION_STRING: connectionString.optional(),
  /** Keeps Microsoft's exporter from reporting on itself. */
  APPLICATION_INSIGHTS_NO_STATSBEAT: z.string().min(1).optional(),
  /** With these the Functions host would send its own telemetry: addresses with tenant ids, instance ids with user ids. */
  APPLICATIONINSIGHTS_CONNECTION_STRING: mustBeAbsent,
  APPINSIGHTS_INSTRUMENTATIONKEY: mustBeAbsent,
});

const consistent = settingsSchema
  .refine(
    (settings) =>
      (settings.NOTIFICATION_CERTIFICATE === undefined) === (settings.NOTIFICATION_PRIVATE_KEY === undefined),
    { path: ['NOTIFICATION_PRIVATE_KEY'], message: 'must be given together with NOTIFICATION_CERTIFICATE' },
  )
  .refine(
    (settings) =>
      settings.TELEMETRY_CONNECTION_STRING === undefined ||
      settings.APPLICATION_INSIGHTS_NO_STATSBEAT !== undefined,
    {
      path: ['APPLICATION_INSIGHTS_NO_STATSBEAT'],
      message: 'must be given (true) together with TELEMETRY_CONNECTION_STRING',
    },
  );

/** Reads the app settings. Throws an Error that names each setting at fault, and never its value. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env) {
  const parsed = consistent.safeParse(environment);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The app settings are not complete:\n${faults.join('\n')}`);
  }
  const settings = parsed.data;
  return {
    /** The connection string as a whole, and the endpoint in it. */
    telemetry: settings.TELEMETRY_CONNECTION_STRING,
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
