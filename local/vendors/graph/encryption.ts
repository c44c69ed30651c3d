/** Encrypts resource data for a subscriber (Microsoft Graph, "Set up change notifications that include resource data"). */
import {
  constants,
  createCipheriv,
  createHmac,
  publicEncrypt,
  randomBytes,
  X509Certificate,
} from 'node:crypto';

export interface EncryptionCertificate {
  readonly id: string;
  /** X.509, DER in base64. */
  readonly der: string;
}

export interface EncryptedContent {
  readonly data: string;
  readonly dataKey: string;
  readonly dataSignature: string;
  readonly encryptionCertificateId: string;
  readonly encryptionCertificateThumbprint: string;
}

/** AES-256-CBC under a key of its own, whose first 16 bytes are the IV; HMAC-SHA256 over the data; the key under RSA-OAEP with SHA-1. */
export function encryptFor(certificate: EncryptionCertificate, content: object): EncryptedContent {
  const { publicKey, fingerprint } = new X509Certificate(Buffer.from(certificate.der, 'base64'));
  const key = randomBytes(32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return {
    data: data.toString('base64'),
    dataKey: publicEncrypt({ key: publicKey, padding, oaepHash: 'sha1' }, key).toString('base64'),
    dataSignature: createHmac('sha256', key).update(data).digest('base64'),
    encryptionCertificateId: certificate.id,
    encryptionCertificateThumbprint: fingerprint.replaceAll(':', ''),
  };
}
