/** What is known of the customers of a stack: their people's data from the simulated vendors, and every token and secret. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { DataKind } from '../../domain/data-map/words.ts';
import type { Needle } from './byte-search.ts';
import { readSqlite } from './sqlite-copy.ts';

/** Words for presence that nothing else is called by, at either vendor and in our own vocabulary. */
const presenceWords = ['InACall', 'InAMeeting', 'CallConnected', 'DoNotAcceptAnyCalls', 'DoNotDisturb'];

/** A single name or word that is shorter could be made by chance. */
const shortestWord = 6;
/** Of a token this much, from its beginning and from its end, can be nothing else. */
const tokenPart = 24;

/**
 * Everything to be looked for after the life of the customers in a stack's data directory. RingCentral forgets tokens and
 * the vault does not: asked for several times during the life, together these are all tokens that were ever issued.
 */
export function knownData(data: string): Needle[] {
  const needles = [...people(data), ...entraSecrets(data), ...ringCentralSecrets(data), ...ownSecrets(data)];
  for (const word of presenceWords) needles.push({ text: word, kind: 'presence', label: word, asWord: true });
  return distinct(needles);
}

/** Each text once for each kind. */
export function distinct(needles: readonly Needle[]): Needle[] {
  return [...new Map(needles.map((needle) => [`${needle.kind}\0${needle.text}`, needle])).values()];
}

const userSchema = z.object({
  userId: z.string(),
  tenantId: z.string(),
  displayName: z.string(),
  givenName: z.string(),
  surname: z.string(),
  mail: z.string(),
  jobTitle: z.string().nullable(),
  department: z.string().nullable(),
  businessPhones: z.array(z.string()),
  licensed: z.boolean(),
});
const extensionSchema = z.object({ accountId: z.string(), extensionId: z.string(), mail: z.string() });

function people(data: string): Needle[] {
  const entra = documents(join(data, 'vendors/entra.sqlite'), 'users', userSchema);
  const ringCentral = documents(join(data, 'vendors/ring-central.sqlite'), 'extensions', extensionSchema);
  return [
    ...entra.flatMap(({ value: user }, number) => {
      const needle = needlesOf(`person ${number + 1}`);
      return [
        ...needle('directoryId', 'directory id', user.userId),
        ...needle('companyId', 'Microsoft tenant id', user.tenantId),
        ...needle('name', 'display name', user.displayName),
        ...needle('mail', 'mail address', user.mail),
        ...user.businessPhones.flatMap((phone) => needle('phone', 'phone number', phone)),
        ...wordsOf(user).flatMap(([kind, text]) => word(kind, `person ${number + 1}: a word`, text)),
      ];
    }),
    ...ringCentral.flatMap(({ value: extension }, number) => {
      const needle = needlesOf(`extension ${number + 1}`);
      return [
        ...needle('vendorId', 'extension id', extension.extensionId),
        ...needle('companyId', 'RingCentral account id', extension.accountId),
        ...needle('mail', 'mail address', extension.mail),
      ];
    }),
  ];
}

/** Single words that point at a person. An account that is nobody's is called by words that anything may be called by. */
function wordsOf(user: z.infer<typeof userSchema>): [DataKind, string][] {
  if (!user.licensed) return [];
  // A job or department of one word, such as "Sales", may mean anything.
  const jobs = [user.jobTitle ?? '', user.department ?? ''].filter((text) => text.includes(' '));
  return [
    ['name', user.givenName],
    ['name', user.surname],
    ...jobs.map((text): [DataKind, string] => ['job', text]),
  ];
}

function needlesOf(whose: string) {
  return (kind: DataKind, what: string, text: string): Needle[] =>
    text === '' ? [] : [{ kind, label: `${whose}: ${what}`, text }];
}

function word(kind: DataKind, label: string, text: string): Needle[] {
  return text.length < shortestWord ? [] : [{ kind, label, text, asWord: true }];
}

function token(label: string, text: string): Needle[] {
  const parts = text.length <= tokenPart ? [text] : [text.slice(0, tokenPart), text.slice(-tokenPart)];
  return parts.map((part) => ({ kind: 'token', label, text: part }));
}

function secret(label: string, text: string): Needle[] {
  return [{ kind: 'ownSecret', label, text: text.slice(-60) }];
}

/**
 * Entra keeps no tokens. But all that are signed begin with the same header, which names the key, and a refresh token
 * begins with the id of its grant.
 */
function entraSecrets(data: string): Needle[] {
  const file = join(data, 'vendors/entra.sqlite');
  const keys = documents(file, 'keys', z.object({ publicKey: z.object({ kid: z.string() }) }));
  const grants = documents(file, 'grants', z.object({ grantId: z.string() }));
  const apps = documents(file, 'applications', z.object({ clientSecret: z.string() }));
  const identities = documents(file, 'identities', z.object({ header: z.string() }));
  const base64url = (text: string): string => Buffer.from(text).toString('base64url');
  return [
    ...keys.map(({ value: { publicKey } }): Needle => {
      const header = JSON.stringify({ alg: 'RS256', typ: 'JWT', kid: publicKey.kid });
      return { kind: 'token', label: 'a token signed by Entra', text: base64url(header) };
    }),
    ...grants.map(({ value: { grantId } }): Needle => {
      // Up to a whole group of three, after which the rest of the token makes no difference.
      const content = JSON.stringify([grantId]).slice(0, 36);
      return { kind: 'token', label: 'an Entra refresh token', text: base64url(content) };
    }),
    ...apps.flatMap(({ value }) => secret('the client secret at Entra', value.clientSecret)),
    ...identities.flatMap(({ value }) => secret("the managed identity's header", value.header)),
  ];
}

function ringCentralSecrets(data: string): Needle[] {
  const file = join(data, 'vendors/ring-central.sqlite');
  const tokens = documents(file, 'tokens', z.unknown());
  const codes = documents(file, 'codes', z.unknown());
  const webhooks = documents(file, 'subscriptions', z.object({ address: z.string() }));
  const apps = documents(file, 'settings', z.object({ clientSecret: z.string() }));
  return [
    ...tokens.flatMap(({ key }) => token('a RingCentral token', key)),
    ...codes.flatMap(({ key }) => token('a RingCentral authorization code', key)),
    ...apps.flatMap(({ value }) => secret('the client secret at RingCentral', value.clientSecret)),
    ...webhooks.flatMap(({ value }) =>
      secret('the key in a webhook address', value.address.split('/').at(-1) ?? ''),
    ),
  ];
}

const versionSchema = z.object({ name: z.string(), value: z.string() });
const grantSchema = z.object({ refreshToken: z.string(), accessToken: z.string().optional() });
const appSecretsSchema = z.object({
  webhookKey: z.string(),
  privateKey: z.string(),
  receiptSigningKey: z.string(),
});

/** What the vault has ever held, and the app's own secrets. */
function ownSecrets(data: string): Needle[] {
  const versions = documents(join(data, 'app/key-vault.sqlite'), 'versions', versionSchema);
  const held = versions.flatMap(({ value: { value } }) => {
    const grant = grantSchema.safeParse(fromJson(value)).data;
    if (grant === undefined) return secret("a secret of the vault's", value);
    const { refreshToken, accessToken } = grant;
    return [refreshToken, ...(accessToken === undefined ? [] : [accessToken])].flatMap((text) =>
      token("a token of the vault's", text),
    );
  });
  const file = join(data, 'app/app-secrets.json');
  if (!existsSync(file)) return held;
  const own = appSecretsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return [
    ...held,
    ...secret('the webhook key', own.webhookKey),
    ...secret('the private key', keyLine(own.privateKey)),
    ...secret('the key of receipts', keyLine(own.receiptSigningKey)),
  ];
}

/** The first line of a PEM text that is the key's. */
function keyLine(pem: string): string {
  const [, line = pem] = pem.split('\n');
  return line;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A simulator's documents of one kind; none where it has no file. */
function documents<T>(file: string, collection: string, schema: z.ZodType<T>): { key: string; value: T }[] {
  if (!existsSync(file)) return [];
  const rows = readSqlite(file, (copy) => copy.rows(collection));
  return rows.map(({ key, value }) => ({
    key: String(key),
    value: schema.parse(JSON.parse(String(value))),
  }));
}
