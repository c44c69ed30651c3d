/** Opens what Microsoft Graph encrypted for our certificate (Microsoft Graph, "Change notifications that include resource data"). */
import {
  constants,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  privateDecrypt,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';

/** A certificate's private half; older ones stay in the list until no subscription names them any more. */
export interface NotificationCertificate {
  readonly id: string;
  readonly privateKeyPem: string;
}

const encryptedContent = z.object({
  data: z.base64(),
  dataKey: z.base64(),
  dataSignature: z.base64(),
  encryptionCertificateId: z.string(),
});

/** Opens one item's content; undefined when it is not for our keys, is not whole, or is not what Graph signed. */
export function makeDecryptor(
  certificates: readonly NotificationCertificate[],
): (content: unknown) => string | undefined {
  const keys = new Map(certificates.map(({ id, privateKeyPem }) => [id, createPrivateKey(privateKeyPem)]));
  return (content) => {
    const { data: sealed } = encryptedContent.safeParse(content);
    const privateKey = sealed && keys.get(sealed.encryptionCertificateId);
    if (sealed === undefined || privateKey === undefined) return undefined;
    const key = openKey(privateKey, sealed.dataKey);
    const data = Buffer.from(sealed.data, 'base64');
    if (key === undefined || !isSigned(key, data, Buffer.from(sealed.dataSignature, 'base64')))
      return undefined;
    return open(key, data);
  };
}

/** RSA-OAEP with SHA-1, as Graph does it. */
function openKey(privateKey: KeyObject, dataKey: string): Buffer | undefined {
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const key = privateDecrypt(
      { key: privateKey, padding, oaepHash: 'sha1' },
      Buffer.from(dataKey, 'base64'),
    );
    return key.length === 32 ? key : undefined;
  } catch {
    return undefined;
  }
}

function isSigned(key: Buffer, data: Buffer, signature: Buffer): boolean {
  const expected = createHmac('sha256', key).update(data).digest();
  return expected.length === signature.length && timingSafeEqual(expected, signature);
}

function open(key: Buffer, data: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16));
    return Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
