/** What Key Vault's requests and answers look like on the wire (Azure Key Vault REST API, Secrets). */
import { z } from 'zod';
import type { DeletedSecret, SecretProperties, SecretVersion } from './vault.ts';
import { badParameter } from './vault-error.ts';

/** 25 KB a value; 15 tags of 512 characters (Azure Key Vault, "About secrets", "About keys, secrets and certificates"). */
const properties = {
  contentType: z.string().max(255).nullish(),
  tags: z
    .record(z.string().max(512), z.string().max(512))
    .refine((tags) => Object.keys(tags).length <= 15, 'at most 15 tags')
    .nullish(),
  attributes: z
    .strictObject({ enabled: z.boolean().nullish(), nbf: z.int().nullish(), exp: z.int().nullish() })
    .nullish(),
};
const setBody = z.strictObject({
  value: z.string().refine((value) => Buffer.byteLength(value) <= 25 * 1024, 'too long'),
  ...properties,
});
const updateBody = z.strictObject(properties);

/** @throws VaultError */
export function parseSet(text: string): { value: string; properties: SecretProperties } {
  const body = parse(setBody, text);
  return { value: body.value, properties: flat(body) };
}

/** Only what is to be changed. @throws VaultError */
export function parseUpdate(text: string): SecretProperties {
  return flat(parse(updateBody, text));
}

function parse<T>(schema: z.ZodType<T>, text: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw badParameter('Error parsing the request body as JSON.');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw badParameter(`Property ${parsed.error.issues[0]?.path.join('.') ?? ''} has an invalid value.`);
  return parsed.data;
}

function flat(body: z.infer<typeof updateBody>): SecretProperties {
  const given = {
    contentType: body.contentType,
    tags: body.tags,
    enabled: body.attributes?.enabled,
    nbf: body.attributes?.nbf,
    exp: body.attributes?.exp,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  );
}

interface Item {
  readonly id: string;
  readonly [property: string]: unknown;
}

/** A secret without its value, as lists show it; `id` with its version when it is a version that is listed. */
export function item(
  vault: { url: string; retentionDays: number },
  secret: SecretVersion,
  withVersion: boolean,
): Item {
  const { name, version, created, updated, nbf, exp } = secret;
  return {
    id: `${vault.url}/secrets/${name}${withVersion ? `/${version}` : ''}`,
    attributes: {
      enabled: secret.enabled ?? true,
      ...(nbf === undefined ? {} : { nbf }),
      ...(exp === undefined ? {} : { exp }),
      created,
      updated,
      recoveryLevel: 'CustomizedRecoverable+Purgeable',
      recoverableDays: vault.retentionDays,
    },
    ...(secret.tags === undefined ? {} : { tags: secret.tags }),
    ...(secret.contentType === undefined ? {} : { contentType: secret.contentType }),
  };
}

export function bundle(vault: { url: string; retentionDays: number }, secret: SecretVersion): object {
  return { value: secret.value, ...item(vault, secret, true) };
}

export function deletedItem(
  vault: { url: string; retentionDays: number },
  deleted: DeletedSecret,
  withVersion: boolean,
): Item {
  return {
    recoveryId: `${vault.url}/deletedsecrets/${deleted.latest.name}`,
    deletedDate: Math.floor(deleted.deletedAt / 1000),
    scheduledPurgeDate: Math.floor(deleted.purgeAt / 1000),
    ...item(vault, deleted.latest, withVersion),
  };
}
