/** The simulated Entra ID's tenants and their users; Microsoft Graph reads the same directory. */
import { randomUUID } from 'node:crypto';
import type { Collection, VendorData } from '../vendor-data.ts';

export interface Tenant {
  readonly tenantId: string;
  readonly displayName: string;
  readonly domain: string;
}

export interface DirectoryUser {
  readonly userId: string;
  readonly tenantId: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly surname: string;
  readonly mail: string;
  readonly userPrincipalName: string;
  readonly jobTitle: string | null;
  readonly department: string | null;
  readonly businessPhones: readonly string[];
  readonly accountEnabled: boolean;
  /** Whether the user has a licence with Microsoft Teams. */
  readonly licensed: boolean;
}

export class Directory {
  readonly #tenants: Collection<Tenant>;
  readonly #users: Collection<DirectoryUser>;
  readonly #tenantOfUser: Collection<string>;

  constructor(data: VendorData) {
    this.#tenants = data.collection<Tenant>('tenants');
    this.#users = data.collection<DirectoryUser>('users');
    this.#tenantOfUser = data.collection<string>('tenantOfUser');
  }

  addTenant(displayName: string, domain: string): Tenant {
    const tenant = { tenantId: randomUUID(), displayName, domain };
    this.#tenants.put(tenant.tenantId, tenant);
    return tenant;
  }

  /** The publisher's own included, in the order of their ids. */
  tenants(): Tenant[] {
    return this.#tenants.all();
  }

  /** By id or domain, as it stands in an authority's path. */
  tenant(idOrDomain: string): Tenant | undefined {
    const name = idOrDomain.toLowerCase();
    return this.#tenants.get(name) ?? this.#tenants.find(({ domain }) => domain === name);
  }

  addUser(user: Omit<DirectoryUser, 'userId'>): DirectoryUser {
    const added = { userId: randomUUID(), ...user };
    this.update(added);
    return added;
  }

  update(user: DirectoryUser): void {
    this.#users.put(`${user.tenantId}/${user.userId}`, user);
    this.#tenantOfUser.put(user.userId, user.tenantId);
  }

  remove(userId: string): void {
    const tenantId = this.#tenantOfUser.get(userId);
    if (tenantId === undefined) return;
    this.#users.delete(`${tenantId}/${userId}`);
    this.#tenantOfUser.delete(userId);
  }

  /** By object id. */
  user(userId: string): DirectoryUser | undefined {
    const id = userId.toLowerCase();
    const tenantId = this.#tenantOfUser.get(id);
    return tenantId === undefined ? undefined : this.#users.get(`${tenantId}/${id}`);
  }

  /** In the order of their ids, which is the order Graph pages in here. */
  usersOf(tenantId: string): DirectoryUser[] {
    return this.#users.all(`${tenantId}/`);
  }
}
