/** Makes Graph notifications outside the simulator, genuine or wrong in one respect, to knock at the app's door with. */
import { createCipheriv, createHmac, publicEncrypt, randomBytes, constants } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SignJWT, generateKeyPair } from 'jose';
import { z } from 'zod';
import { makeWebhookAddresses, type WebhookAddresses } from '../../clients/webhooks/addresses.ts';
import type { Customer } from '../../local/stack/stack-process.ts';

const secretsSchema = z.object({ webhookKey: z.string(), certificate: z.string() });

export interface Forger {
  addresses: WebhookAddresses;
  certificate: string;
}

/** Reads what only the app knows from the stack's data folder. */
export async function makeForger(data: string, app: string): Promise<Forger> {
  const text = await readFile(join(data, 'app', 'app-secrets.json'), 'utf8');
  const { webhookKey, certificate } = secretsSchema.parse(JSON.parse(text));
  return { addresses: makeWebhookAddresses(app, webhookKey), certificate };
}

export interface ForgedChange {
  customer: Customer;
  userId: string;
  presence: { availability: string; activity: string };
  clientState?: string;
  breakSignature?: boolean;
}

/** One rich item, encrypted as Graph does it ("Change notifications that include resource data"). */
export function richItem({ addresses, certificate }: Forger, change: ForgedChange): Record<string, unknown> {
  const { customer, userId, presence } = change;
  const key = randomBytes(32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  const content = JSON.stringify({ id: userId, ...presence });
  const data = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()]);
  const signature = createHmac('sha256', change.breakSignature ? randomBytes(32) : key)
    .update(data)
    .digest();
  const dataKey = publicEncrypt({ key: certificate, padding: constants.RSA_PKCS1_OAEP_PADDING }, key);
  return {
    ...basicItem({ addresses, certificate }, change),
    tenantId: customer.microsoftTenantId,
    encryptedContent: {
      data: data.toString('base64'),
      dataKey: dataKey.toString('base64'),
      dataSignature: signature.toString('base64'),
      encryptionCertificateId: 'key-1',
      encryptionCertificateThumbprint: '00',
    },
  };
}

/** One basic item: it only says who changed. */
export function basicItem({ addresses }: Forger, change: ForgedChange): Record<string, unknown> {
  const { customer, userId } = change;
  const recipient = { tenantId: customer.subscriptionId, shard: 0 };
  return {
    subscriptionId: '00000000-0000-4000-8000-000000000000',
    clientState: change.clientState ?? addresses.graphClientState(recipient, customer.microsoftTenantId),
    changeType: 'updated',
    tenantId: customer.microsoftTenantId,
    resource: `communications/presences/${userId}`,
    resourceData: { '@odata.type': '#microsoft.graph.presence', id: userId },
  };
}

/** A validation token that looks right in every claim, but is signed by nobody. */
export async function unsignedByMicrosoft(customer: Customer, clientId: string): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256');
  const tenant = customer.microsoftTenantId;
  return new SignJWT({ tid: tenant, azp: '0bf30f3b-4a52-48df-9a82-234910c4a086', ver: '2.0' })
    .setProtectedHeader({ alg: 'RS256', kid: 'forged' })
    .setIssuer(`https://login.microsoftonline.com/${tenant}/v2.0`)
    .setAudience(clientId)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
}
