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
  /** Somebody of another company who was invited; a member unless said. */
  readonly guest?: boolean;
}

/** What has become of a user. */
export interface UserChange {
  readonly userId: string;
  /** Counts all changes of the directory; the newest of this user. */
  readonly sequence: number;
  /** The user as they are; none when they are gone. */
  readonly user?: DirectoryUser;
  /** The properties that have changed since then. */
  readonly changed: readonly string[];
}

/** A user's changes: which properties with which change; all of them with the first. */
interface UserHistory {
  readonly userId: string;
  readonly changes: readonly { readonly sequence: number; readonly names: readonly string[] }[];
}

export class Directory {
  readonly #tenants: Collection<Tenant>;
  readonly #users: Collection<DirectoryUser>;
  readonly #tenantOfUser: Collection<string>;
  readonly #histories: Collection<UserHistory>;
  #sequence = 0;

  constructor(data: VendorData) {
    this.#tenants = data.collection<Tenant>('tenants');
    this.#users = data.collection<DirectoryUser>('users');
    this.#tenantOfUser = data.collection<string>('tenantOfUser');
    this.#histories = data.collection<UserHistory>('userHistories');
    for (const { changes } of this.#histories.all()) {
      this.#sequence = Math.max(this.#sequence, newestOf(changes));
    }
    // Data kept from before there were histories.
    for (const user of this.#users.all()) {
      if (this.#histories.get(`${user.tenantId}/${user.userId}`) === undefined) this.#note(user, ['id']);
    }
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
    const before = this.#users.get(`${user.tenantId}/${user.userId}`);
    const names = Object.keys({ ...before, ...user }) as (keyof DirectoryUser)[];
    this.#note(
      user,
      names.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(user[name])),
    );
    this.#users.put(`${user.tenantId}/${user.userId}`, user);
    this.#tenantOfUser.put(user.userId, user.tenantId);
  }

  remove(userId: string): void {
    const tenantId = this.#tenantOfUser.get(userId);
    if (tenantId === undefined) return;
    this.#users.delete(`${tenantId}/${userId}`);
    this.#tenantOfUser.delete(userId);
    this.#note({ tenantId, userId }, []);
  }

  /** At most `atMost` of the users that have changed after the change `sequence`, the longest unchanged first. */
  changesSince(tenantId: string, sequence: number, atMost: number): UserChange[] {
    return this.#histories
      .all(`${tenantId}/`)
      .filter(({ changes }) => newestOf(changes) > sequence)
      .toSorted((one, other) => newestOf(one.changes) - newestOf(other.changes))
      .slice(0, atMost)
      .map(({ userId, changes }) => {
        const since = changes.filter((change) => change.sequence > sequence);
        const user = this.#users.get(`${tenantId}/${userId}`);
        return {
          userId,
          sequence: newestOf(changes),
          changed: [...new Set(since.flatMap(({ names }) => names))],
          ...(user !== undefined && { user }),
        };
      });
  }

  /** The newest change of all. */
  get sequence(): number {
    return this.#sequence;
  }

  #note({ tenantId, userId }: Pick<DirectoryUser, 'tenantId' | 'userId'>, names: readonly string[]): void {
    const key = `${tenantId}/${userId}`;
    const earlier = this.#histories.get(key)?.changes ?? [];
    const sequence = (this.#sequence += 1);
    this.#histories.put(key, { userId, changes: [...earlier, { sequence, names }] });
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

function newestOf(changes: UserHistory['changes']): number {
  return changes.at(-1)?.sequence ?? 0;
}
