/** Which applications are registered, which tenants consented to them, and which users granted them access. */
import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import type { Collection, VendorData } from '../vendor-data.ts';
import { EntraError } from './entra-error.ts';

export interface Application {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly displayName: string;
  /** Application permissions of Microsoft Graph that it asks for. */
  readonly roles: readonly string[];
  /** Delegated permissions of Microsoft Graph that it asks for. */
  readonly scopes: readonly string[];
}

/** A tenant's consent to an application: the permissions it asked for then. */
export interface Consent {
  readonly tenantId: string;
  readonly clientId: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

/** A user's grant to an application, on which refresh tokens rest. */
export interface Grant {
  readonly grantId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly revoked: boolean;
}

/** Refresh tokens live for 90 days, anew with each use (Microsoft Entra, "Refresh tokens"). */
const refreshTokenLifeMs = 90 * 24 * 3_600_000;

export class Grants {
  readonly #clock: Clock;
  readonly #applications: Collection<Application>;
  readonly #consents: Collection<Consent>;
  readonly #grants: Collection<Grant>;
  readonly #refreshKey: Buffer;

  constructor(clock: Clock, data: VendorData) {
    this.#clock = clock;
    this.#applications = data.collection<Application>('applications');
    this.#consents = data.collection<Consent>('consents');
    this.#grants = data.collection<Grant>('grants');
    const keys = data.collection<string>('refreshKeys');
    const key = keys.get('key') ?? randomBytes(32).toString('base64');
    keys.put('key', key);
    this.#refreshKey = Buffer.from(key, 'base64');
  }

  /** Registers an application under a name once; later calls answer the same one. */
  register(asked: Pick<Application, 'displayName' | 'roles' | 'scopes'>): Application {
    const known = this.#applications.find(({ displayName }) => displayName === asked.displayName);
    if (known !== undefined) return known;
    const clientSecret = randomBytes(30).toString('base64url');
    const application = { clientId: randomUUID(), clientSecret, ...asked };
    this.#applications.put(application.clientId, application);
    return application;
  }

  application(clientId: string): Application | undefined {
    return this.#applications.get(clientId.toLowerCase());
  }

  /** An administrator consents to all that the application asks for. */
  consent(tenantId: string, application: Application): void {
    const { clientId, roles, scopes } = application;
    this.#consents.put(`${tenantId}/${clientId}`, { tenantId, clientId, roles, scopes });
  }

  consentOf(tenantId: string, clientId: string): Consent | undefined {
    return this.#consents.get(`${tenantId}/${clientId}`);
  }

  /** The administrator removes the application: the consent and all grants of the tenant's users are gone. */
  withdrawConsent(tenantId: string, clientId: string): void {
    this.#consents.delete(`${tenantId}/${clientId}`);
    for (const grant of this.#grantsWhere(
      (each) => each.tenantId === tenantId && each.clientId === clientId,
    )) {
      this.#grants.put(grant.grantId, { ...grant, revoked: true });
    }
  }

  /** The user's sessions are revoked: what was granted before needs a new sign-in. */
  revokeUser(userId: string): void {
    for (const grant of this.#grantsWhere((each) => each.userId === userId)) {
      this.#grants.put(grant.grantId, { ...grant, revoked: true });
    }
  }

  /** A user signs in and grants; answers the grant's first refresh token. */
  grant(user: { tenantId: string; userId: string }, clientId: string, scopes: readonly string[]): Grant {
    const { tenantId, userId } = user;
    const grant = { grantId: randomUUID(), tenantId, userId, clientId, scopes, revoked: false };
    this.#grants.put(grant.grantId, grant);
    return grant;
  }

  grantWithId(grantId: string): Grant | undefined {
    return this.#grants.get(grantId);
  }

  refreshToken({ grantId }: Grant): string {
    const content = Buffer.from(JSON.stringify([grantId, this.#clock.now(), randomUUID()])).toString(
      'base64url',
    );
    return `1.${content}.${this.#seal(content)}`;
  }

  /** The grant behind a refresh token. @throws EntraError when the token is no good (any more). */
  redeem(refreshToken: string): Grant {
    const [, content = '', seal = ''] = refreshToken.split('.');
    const expected = this.#seal(content);
    const genuine =
      seal.length === expected.length && timingSafeEqual(Buffer.from(seal), Buffer.from(expected));
    if (!genuine) throw new EntraError(9002313);
    const [grantId, issuedAt] = JSON.parse(Buffer.from(content, 'base64url').toString()) as [string, number];
    const grant = this.#grants.get(grantId);
    if (grant === undefined) throw new EntraError(50173);
    if (this.consentOf(grant.tenantId, grant.clientId) === undefined) throw new EntraError(65001);
    if (grant.revoked) throw new EntraError(50173);
    if (this.#clock.now() >= issuedAt + refreshTokenLifeMs) throw new EntraError(700082);
    return grant;
  }

  #grantsWhere(matches: (grant: Grant) => boolean): Grant[] {
    return this.#grants.all().filter(matches);
  }

  #seal(content: string): string {
    return createHmac('sha256', this.#refreshKey).update(content).digest('base64url');
  }
}
