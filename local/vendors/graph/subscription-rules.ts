/** What Graph accepts as a presence subscription (Microsoft Graph, "Create subscription", "Change notifications for presence"). */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { badRequest, GraphError } from './graph-error.ts';

const certificateId = z.string().min(1).max(128);
const url = z.string().refine(isAllowedUrl, 'must be an https address');

export const creationBody = z
  .strictObject({
    changeType: z.literal('updated'),
    resource: z.string(),
    notificationUrl: url,
    lifecycleNotificationUrl: url.nullish(),
    expirationDateTime: z.iso.datetime({ offset: true }),
    clientState: z.string().max(128).nullish(),
    includeResourceData: z.boolean().nullish(),
    encryptionCertificate: z
      .string()
      .refine(isCertificate, 'must be a base64 X.509 certificate, RSA 2048 to 4096')
      .nullish(),
    encryptionCertificateId: certificateId.nullish(),
    latestSupportedTlsVersion: z.enum(['v1_0', 'v1_1', 'v1_2', 'v1_3']).nullish(),
    notificationUrlAppId: z.guid().nullish(),
  })
  .refine(
    ({ includeResourceData, encryptionCertificate, encryptionCertificateId }) =>
      includeResourceData !== true || (encryptionCertificate != null && encryptionCertificateId != null),
    { path: ['encryptionCertificate'], message: 'is required with includeResourceData' },
  );

export type CreationBody = z.output<typeof creationBody>;

export const renewalBody = z
  .strictObject({
    expirationDateTime: z.iso.datetime({ offset: true }).optional(),
    notificationUrl: url.optional(),
  })
  .refine(
    ({ expirationDateTime, notificationUrl }) => (expirationDateTime ?? notificationUrl) !== undefined,
    {
      path: ['expirationDateTime'],
      message: 'is required',
    },
  );

/** Graph wants https; plain http is taken for loopback addresses, where the local stack listens. */
function isAllowedUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
  );
}

function isCertificate(text: string): boolean {
  try {
    const { publicKey } = new X509Certificate(Buffer.from(text, 'base64'));
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    return publicKey.asymmetricKeyType === 'rsa' && bits >= 2048 && bits <= 4096;
  } catch {
    // Not a certificate is a plain no; the caller answers 400.
    return false;
  }
}

const maxIds = 650;
const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The ids a presence resource watches, in lower case. @throws GraphError 400 */
export function watchedIds(resource: string): string[] {
  const [path = '', query, ...more] = resource.replace(/^\//, '').split('?');
  const single = /^communications\/presences\/([^/]+)$/i.exec(path)?.[1];
  if (single !== undefined && query === undefined) return checkedIds([single]);
  if (!/^communications\/presences$/i.test(path) || query === undefined || more.length > 0) {
    throw new GraphError(400, 'ExtensionError', `Unsupported workload or resource: ${path}`);
  }
  const list = /^\$filter=\s*id\s+in\s*\(([^()]*)\)\s*$/i.exec(decoded(query))?.[1];
  if (list === undefined)
    throw badRequest(
      "The resource of a presence subscription needs $filter=id in ('{id}',…) and nothing else.",
    );
  const ids = list.split(',').map((item) => /^\s*'([^']*)'\s*$/.exec(item)?.[1]);
  if (ids.some((id) => id === undefined)) throw badRequest('Invalid filter clause: ids must be quoted.');
  return checkedIds(ids.filter((id) => id !== undefined));
}

function decoded(query: string): string {
  try {
    return decodeURIComponent(query);
  } catch {
    throw badRequest('The resource is malformed.');
  }
}

function checkedIds(ids: readonly string[]): string[] {
  const distinct = [...new Set(ids.map((id) => id.toLowerCase()))];
  if (!distinct.every((id) => guid.test(id))) throw badRequest('Invalid filter clause: an id is no GUID.');
  if (distinct.length > maxIds) throw badRequest(`A presence subscription supports at most ${maxIds} ids.`);
  return distinct;
}

const minuteMs = 60_000;

/** The expiry granted, in milliseconds since 1970: at most 60 minutes ahead, raised to 45. @throws GraphError 400 */
export function grantedExpiry(asked: string, now: number): number {
  const at = Date.parse(asked);
  if (at <= now) throw badRequest('Subscription expiration must be in the future.');
  if (at > now + 60 * minuteMs)
    throw badRequest('Subscription expiration can only be 60 minutes in the future.');
  return Math.max(at, now + 45 * minuteMs);
}
