/** A real Azurite for queues or for blobs: in a child process, in memory, on this machine only, on a free port. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const require = createRequire(import.meta.url);

/** The account that Azurite always has; its key is public (Azurite, default storage account). */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface Azurite {
  readonly connectionString: string;
  stop(): Promise<void>;
}

export interface AzuriteBlobs extends Azurite {
  /** The account's blob service, over https. */
  readonly url: string;
  /** What its https is proved with. */
  readonly certificate: string;
}

/** Queues. @throws with what it said when it does not start */
export async function startAzurite(): Promise<Azurite> {
  const { endpoint, stop } = await start('queue', []);
  return {
    connectionString: connectionString({ DefaultEndpointsProtocol: 'http', QueueEndpoint: endpoint }),
    stop,
  };
}

/** Blobs, over https, so that it takes tokens as well as its key. @throws with what it said when it does not start */
export async function startAzuriteBlobs(): Promise<AzuriteBlobs> {
  const directory = await mkdtemp(join(tmpdir(), 'azurite-'));
  const { certificate, privateKey } = await selfSigned();
  const [cert, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
  await writeFile(cert, certificate);
  await writeFile(key, privateKey);
  // Azurite knows fewer versions of the API than the SDK.
  const options = ['--cert', cert, '--key', key, '--oauth', 'basic', '--skipApiVersionCheck'];
  const { endpoint, stop } = await start('blob', options);
  await rm(directory, { recursive: true });
  const url = endpoint.replace('http:', 'https:');
  return {
    url,
    connectionString: connectionString({ DefaultEndpointsProtocol: 'https', BlobEndpoint: url }),
    certificate,
    stop,
  };
}

/** A token as the managed identity would get one for storage; this is how much of it Azurite looks at. */
export function storageToken(): string {
  const now = Math.floor(Date.now() / 1000);
  const tenant = 'ab1f708d-50f6-404c-a006-d71b2ac7a606';
  const claims = {
    aud: 'https://storage.azure.com',
    iss: `https://sts.windows.net/${tenant}/`,
    tid: tenant,
    oid: '11059fcc-5514-4800-b5f8-49808b9cfab6',
    iat: now - 60,
    nbf: now - 60,
    exp: now + 3600,
  };
  const parts = [{ alg: 'RS256', typ: 'JWT' }, claims];
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), 'unsigned'].join(
    '.',
  );
}

function connectionString(parts: Record<string, string>): string {
  const all = { ...parts, AccountName: account, AccountKey: accountKey };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .join(';');
}

async function start(
  service: 'queue' | 'blob',
  more: string[],
): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const main = require.resolve(`azurite/dist/src/${service}/main.js`);
  const options = [
    `--${service}Host`,
    '127.0.0.1',
    `--${service}Port`,
    '0',
    '--inMemoryPersistence',
    ...more,
  ];
  const child = spawn(process.execPath, [main, ...options, '--silent', '--disableTelemetry'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return {
    endpoint: `${await listening(child)}/${account}`,
    stop: async () => {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function listening(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('Azurite has no output.');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    const [address] = /(?<=listens on |listening at )https?:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (address !== undefined) {
      child.stdout.resume();
      return address;
    }
  }
  throw new Error(`Azurite did not start:\n${said.join('\n')}`);
}

async function selfSigned(): Promise<{ certificate: string; privateKey: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const day = 86_400_000;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Azurite',
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + day),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
    },
    webcrypto,
  );
  const privateKey = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    certificate: certificate.toString('pem'),
    privateKey: x509.PemConverter.encode(privateKey, 'PRIVATE KEY'),
  };
}
