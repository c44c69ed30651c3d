/** What the simulated vendors were asked: every request with its status, and never a secret. */
import type { Clock } from '../clock/clock.ts';
import type { Collection, VendorData } from './vendor-data.ts';

export type VendorName = 'graph' | 'entra' | 'ringCentral' | 'keyVault' | 'logs' | 'marketplace';

/** One request that a vendor received. */
export interface JournalEntry {
  /** When it arrived, ISO 8601. */
  readonly at: string;
  readonly vendor: VendorName;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The status answered; 0 when the connection was cut before the vendor did anything. */
  readonly status: number;
  /** Parsed JSON or form with its secrets blotted out, text, or null. */
  readonly body: unknown;
}

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly vendor: VendorName;
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string;
}

const secretNames = new Set([
  'access_token',
  'assertion',
  'clientassertion',
  'client_assertion',
  'clientsecret',
  'client_secret',
  'clientstate',
  'code',
  'code_verifier',
  'id_token',
  'password',
  'refresh_token',
  'token',
  'verificationtoken',
]);
const blot = '…';

/** Every request to every vendor, in the order of arrival. */
export class Journal {
  readonly #clock: Clock;
  readonly #entries: Collection<JournalEntry>;
  #last: number;

  constructor(clock: Clock, data: VendorData) {
    this.#clock = clock;
    this.#entries = data.collection<JournalEntry>('journal');
    this.#last = Number(this.#entries.lastKey() ?? 0);
  }

  /** Takes a request's place in the journal; call the returned function with the status once it is answered. */
  received(request: ReceivedRequest): (status: number) => void {
    const key = String((this.#last += 1)).padStart(12, '0');
    const { vendor, method } = request;
    const at = new Date(this.#clock.now()).toISOString();
    const entry = { at, vendor, method, path: withoutSecretParameters(request.path) };
    // A vault's bodies are secrets through and through.
    const body = vendor === 'keyVault' ? null : readableBody(request);
    return (status) => this.#entries.put(key, { ...entry, status, body });
  }

  list(filter: { vendor?: VendorName | undefined } = {}): JournalEntry[] {
    const entries = this.#entries.all();
    return filter.vendor === undefined ? entries : entries.filter((entry) => entry.vendor === filter.vendor);
  }
}

function readableBody({ contentType, body }: ReceivedRequest): unknown {
  if (body === '') return null;
  if (contentType.includes('x-www-form-urlencoded')) {
    return withoutSecrets(Object.fromEntries(new URLSearchParams(body)));
  }
  try {
    return withoutSecrets(JSON.parse(body));
  } catch {
    // Not JSON: nothing tells where a secret in it would be, so only its length is kept.
    return `${body.length} characters of ${contentType === '' ? 'unknown type' : contentType}`;
  }
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecret(name, inner) ? blot : withoutSecrets(inner),
    ]),
  );
}

function isSecret(name: string, value: unknown): boolean {
  return secretNames.has(name.toLowerCase()) && typeof value === 'string';
}

function withoutSecretParameters(path: string): string {
  const [route = '', query] = path.split('?', 2);
  if (query === undefined) return path;
  const parameters = query.split('&').map((parameter) => {
    const name = parameter.split('=', 1)[0] ?? '';
    return secretNames.has(name.toLowerCase()) ? `${name}=${blot}` : parameter;
  });
  return `${route}?${parameters.join('&')}`;
}
