/** What RingCentral keeps: accounts, extensions, sessions, codes and webhook subscriptions, as documents. */
import { randomBytes } from 'node:crypto';
import type { Collection, VendorData } from '../vendor-data.ts';
import type { Presence } from './presence.ts';

export interface Account {
  readonly accountId: string;
  readonly name: string;
  readonly newCallHandling: boolean;
}

export interface Extension {
  readonly accountId: string;
  readonly extensionId: string;
  readonly extensionNumber: string;
  /** Only a `User` has presence of its own. */
  readonly type: string;
  readonly status: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly mail: string;
  /** E.164. */
  readonly businessPhone?: string;
  readonly admin: boolean;
  /** Member of a call queue, so that queue calls can be refused. */
  readonly queueMember: boolean;
  readonly presence: Presence;
  /** Number of the last presence event of this extension. */
  readonly sequence: number;
}

/** One login of one user with one app. Times are milliseconds since 1970, lifetimes seconds. */
export interface Session {
  readonly sessionId: string;
  readonly accountId: string;
  readonly extensionId: string;
  readonly clientId: string;
  readonly endpointId: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly current: TokenPair;
  /** Whether the current access token was ever presented. */
  readonly used: boolean;
  readonly previous?: TokenPair;
}

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
}

export interface Token {
  readonly kind: 'access' | 'refresh';
  readonly sessionId: string;
  readonly expiresAt: number;
  /** From then on the token is dead although it has not expired. */
  readonly deadFrom?: number;
}

export interface AuthorizationCode {
  readonly extensionId: string;
  readonly redirectUri: string;
  /** PKCE, S256. */
  readonly codeChallenge?: string;
  readonly expiresAt: number;
}

export interface DisabledFilter {
  readonly filter: string;
  readonly reason: string;
  readonly message: string;
}

export interface Subscription {
  readonly id: string;
  readonly accountId: string;
  /** The user who owns it. */
  readonly extensionId: string;
  readonly clientId: string;
  /** With `~` replaced by ids. */
  readonly eventFilters: readonly string[];
  readonly disabledFilters: readonly DisabledFilter[];
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Seconds. */
  readonly expiresIn: number;
  readonly address: string;
  readonly verificationToken?: string;
  /** When the first of an unbroken row of failed deliveries happened. */
  readonly failingSince?: number;
  readonly blacklisted?: { readonly at: number; readonly reason: string };
  /** It is active by all that can be asked, and tells of no change. */
  readonly silent?: boolean;
}

interface Settings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly lastId: number;
}

export interface Model {
  /** Keyed by account id. */
  readonly accounts: Collection<Account>;
  /** Keyed by account id / extension id. */
  readonly extensions: Collection<Extension>;
  /** Account ids, keyed by extension id. */
  readonly homes: Collection<string>;
  readonly sessions: Collection<Session>;
  /** Keyed by the token itself. */
  readonly tokens: Collection<Token>;
  readonly codes: Collection<AuthorizationCode>;
  /** Keyed by account id / subscription id. */
  readonly subscriptions: Collection<Subscription>;
  readonly app: { readonly clientId: string; readonly clientSecret: string };
  /** An id that no other account or extension has. */
  nextId(): string;
  /** Makes what `run` writes last together or not at all; not to be nested. */
  together<T>(run: () => T): T;
}

/** Ids of accounts and extensions come from one row, all of the same length. */
const firstId = 401_500_100;

/** Opens the documents; the app's credentials are made once and stay. */
export function openModel(data: VendorData): Model {
  const settings = data.collection<Settings>('settings');
  if (settings.get('app') === undefined) {
    settings.put('app', { clientId: secret(16), clientSecret: secret(32), lastId: firstId });
  }
  const read = (): Settings => settings.get('app') as Settings;
  const { clientId, clientSecret } = read();
  return {
    accounts: data.collection('accounts'),
    extensions: data.collection('extensions'),
    homes: data.collection('homes'),
    sessions: data.collection('sessions'),
    tokens: data.collection('tokens'),
    codes: data.collection('codes'),
    subscriptions: data.collection('subscriptions'),
    app: { clientId, clientSecret },
    nextId: () => {
      const next = { ...read(), lastId: read().lastId + 1 };
      settings.put('app', next);
      return String(next.lastId);
    },
    together: (run) => data.together(run),
  };
}

/** A random text that fits into URLs and headers. */
export function secret(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
