/** The only reader of the environment: app settings, checked once at start. */
import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { jsonText } from './domain/json-text.ts';
import { planCatalogueSchema, publishedPlans } from './domain/plans.ts';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The origin and path of a service; plain http only on this very machine. */
const serviceUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname));
}, 'must be an https URL');

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

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

const receiptSigningKey = pem('PRIVATE KEY').refine(
  isEd25519,
  'must be an Ed25519 key in PKCS#8 (openssl genpkey -algorithm ed25519)',
);

function isEd25519(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}

/** Either a SQLite file of the app's own, or an Azure SQL database (or another SQL Server). */
const databaseShape = z.object({
  DATABASE_FILE: z.string().min(1).optional(),
  SQL_SERVER: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be the name or the address of a server, without protocol and port')
    .optional(),
  SQL_PORT: z.coerce.number().int().min(1).max(65535).default(1433),
  SQL_DATABASE: z.string().min(1).max(128).optional(),
  /** A login of the server's own; without it the app's managed identity is used. */
  SQL_USER: z.string().min(1).optional(),
  SQL_PASSWORD: z.string().min(1).optional(),
  /** `false` only for a server on this very machine. */
  SQL_ENCRYPT: flag.default(true),
  /** `true` only for a server on this very machine, whose certificate is of its own making. */
  SQL_TRUST_SERVER_CERTIFICATE: flag.default(false),
});
type DatabaseShape = z.infer<typeof databaseShape>;

const databaseSettings = databaseShape
  .superRefine((settings, context) => {
    for (const [setting, message] of databaseFaults(settings)) {
      context.addIssue({ code: 'custom', path: [setting], message });
    }
  })
  .transform(toDatabase);

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
  KEY_VAULT_URL: serviceUrl,
  /** Keys the MACs in webhook addresses; at least 32 characters. Changing it makes all subscriptions be made anew. */
  WEBHOOK_KEY: z.string().min(32),
  ENTRA_AUTHORITY_URL: serviceUrl.default('https://login.microsoftonline.com'),
  /**
   * Signs the receipts of erasures: an Ed25519 key in PKCS#8, to be kept for as long as receipts are to be checked.
   * Customers' codes are made from it, too.
   */
  RECEIPT_SIGNING_KEY: receiptSigningKey,
  GRAPH_URL: serviceUrl.default('https://graph.microsoft.com'),
  MICROSOFT_CLIENT_ID: z.guid(),
  MICROSOFT_CLIENT_SECRET: z.string().min(1),
  RINGCENTRAL_URL: serviceUrl.default('https://platform.ringcentral.com'),
  RINGCENTRAL_CLIENT_ID: z.string().min(1),
  RINGCENTRAL_CLIENT_SECRET: z.string().min(1),
  MARKETPLACE_URL: serviceUrl.default('https://marketplaceapi.microsoft.com/api'),
  /** The Entra tenant of the offer's publisher. */
  PUBLISHER_TENANT_ID: z.guid(),
  /**
   * The application of the offer's technical configuration, registered in that tenant alone: another one than the
   * MICROSOFT_CLIENT_ID, which customers let in and sign in to (Microsoft advises two registrations).
   */
  MARKETPLACE_CLIENT_ID: z.guid(),
  MARKETPLACE_CLIENT_SECRET: z.string().min(1),
  /** The plans of the offer, where it has others than those that are published: JSON. */
  PLAN_CATALOGUE: jsonText.pipe(planCatalogueSchema).default(publishedPlans),
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

const wholeSettings = settingsSchema
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

/** The blob service that exports lie in: in Azure its address, used as the app's managed identity. */
const exportStorageSettings = z
  .object({
    EXPORT_STORAGE_URL: z.url({ protocol: /^https$/, error: 'must be an https URL' }).optional(),
    EXPORT_STORAGE_CONNECTION_STRING: storageConnectionString.optional(),
  })
  .transform(({ EXPORT_STORAGE_URL: url, EXPORT_STORAGE_CONNECTION_STRING: connectionString }, context) => {
    if (url !== undefined && connectionString === undefined) return { url };
    if (url === undefined && connectionString !== undefined) return { connectionString };
    const message = 'must be given, or EXPORT_STORAGE_CONNECTION_STRING, and not both';
    context.addIssue({ code: 'custom', path: ['EXPORT_STORAGE_URL'], message });
    return z.NEVER;
  });

/** Reads the app settings. Throws an Error that names each setting at fault, and never its value. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env) {
  const parsed = wholeSettings.safeParse(environment);
  const database = databaseSettings.safeParse(environment);
  const exportStorage = exportStorageSettings.safeParse(environment);
  if (!parsed.success || !database.success || !exportStorage.success) {
    throw incomplete(parsed.error, database.error, exportStorage.error);
  }
  const settings = parsed.data;
  return {
    /** The connection string as a whole, and the endpoint in it. */
    telemetry: settings.TELEMETRY_CONNECTION_STRING,
    publicBaseUrl: settings.PUBLIC_BASE_URL.replace(/\/+$/, ''),
    database: database.data,
    keyVaultUrl: settings.KEY_VAULT_URL,
    webhookKey: settings.WEBHOOK_KEY,
    receiptSigningKey: settings.RECEIPT_SIGNING_KEY,
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
    exportStorage: exportStorage.data,
    marketplace: {
      baseUrl: settings.MARKETPLACE_URL,
      publisherTenantId: settings.PUBLISHER_TENANT_ID,
      clientId: settings.MARKETPLACE_CLIENT_ID,
      clientSecret: settings.MARKETPLACE_CLIENT_SECRET,
    },
    plans: settings.PLAN_CATALOGUE,
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

/** Reads the settings of the database alone. Throws as {@link readConfig} does. */
export function readDatabaseConfig(environment: NodeJS.ProcessEnv = process.env) {
  const { data, error } = databaseSettings.safeParse(environment);
  if (data === undefined) throw incomplete(error);
  return data;
}

/** Reads what re-applying erasures needs. Throws as {@link readConfig} does. */
export function readErasureConfig(environment: NodeJS.ProcessEnv = process.env) {
  const database = databaseSettings.safeParse(environment);
  const storage = exportStorageSettings.safeParse(environment);
  const key = z.object({ RECEIPT_SIGNING_KEY: receiptSigningKey }).safeParse(environment);
  if (!database.success || !storage.success || !key.success) {
    throw incomplete(database.error, storage.error, key.error);
  }
  return {
    database: database.data,
    exportStorage: storage.data,
    receiptSigningKey: key.data.RECEIPT_SIGNING_KEY,
  };
}

/** What is wrong with the settings of the database taken together. */
function databaseFaults(settings: DatabaseShape): [keyof DatabaseShape, string][] {
  const { DATABASE_FILE: file, SQL_SERVER: server } = settings;
  if (server === undefined) {
    return file === undefined ? [['DATABASE_FILE', 'must be given, or SQL_SERVER and SQL_DATABASE']] : [];
  }
  const isLocal = loopback.has(server) || server === '::1';
  const faults: [boolean, keyof DatabaseShape, string][] = [
    [file !== undefined, 'DATABASE_FILE', 'must not be given beside SQL_SERVER'],
    [settings.SQL_DATABASE === undefined, 'SQL_DATABASE', 'must be given with SQL_SERVER'],
    [
      (settings.SQL_USER === undefined) !== (settings.SQL_PASSWORD === undefined),
      'SQL_PASSWORD',
      'must be given together with SQL_USER',
    ],
    [!isLocal && !settings.SQL_ENCRYPT, 'SQL_ENCRYPT', 'may be false for this very machine only'],
    [
      !isLocal && settings.SQL_TRUST_SERVER_CERTIFICATE,
      'SQL_TRUST_SERVER_CERTIFICATE',
      'may be true for this very machine only',
    ],
  ];
  return faults.filter(([isFault]) => isFault).map(([, setting, message]) => [setting, message]);
}

function toDatabase(settings: DatabaseShape) {
  const { DATABASE_FILE: file = '', SQL_SERVER: server, SQL_DATABASE: database = '' } = settings;
  if (server === undefined) return { file };
  const { SQL_USER: user, SQL_PASSWORD: password } = settings;
  return {
    server,
    port: settings.SQL_PORT,
    database,
    login: user === undefined || password === undefined ? ('managedIdentity' as const) : { user, password },
    encrypt: settings.SQL_ENCRYPT,
    trustServerCertificate: settings.SQL_TRUST_SERVER_CERTIFICATE,
  };
}

function incomplete(...errors: (z.ZodError | undefined)[]): Error {
  const faults = errors
    .flatMap((error) => error?.issues ?? [])
    .map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  return new Error(`The app settings are not complete:\n${faults.join('\n')}`);
}
