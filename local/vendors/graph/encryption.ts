/** Encrypts resource data for a subscriber (Microsoft Graph, "Set up change notifications that include resource data"). */
import {
  constants,
  createCipheriv,
  createHmac,
  publicEncrypt,
  randomBytes,
  X509Certificate,
  type KeyObject,
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
  const { publicKey, thumbprint } = read(certificate.der);
  const key = randomBytes(32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  const data = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()]);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return {
    data: data.toString('base64'),
    dataKey: publicEncrypt({ key: publicKey, padding, oaepHash: 'sha1' }, key).toString('base64'),
    dataSignature: createHmac('sha256', key).update(data).digest('base64'),
    encryptionCertificateId: certificate.id,
    encryptionCertificateThumbprint: thumbprint,
  };
}

/** Reading a certificate costs more than encrypting for it. */
const known = new Map<string, { publicKey: KeyObject; thumbprint: string }>();

function read(der: string): { publicKey: KeyObject; thumbprint: string } {
  const before = known.get(der);
  if (before !== undefined) return before;
  const { publicKey, fingerprint } = new X509Certificate(Buffer.from(der, 'base64'));
  const certificate = { publicKey, thumbprint: fingerprint.replaceAll(':', '') };
  known.set(der, certificate);
  return certificate;
}
