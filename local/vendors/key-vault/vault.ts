/** The secrets of one simulated key vault, with versions and soft delete (Azure Key Vault, "About secrets", "Soft-delete overview"). */
import { randomUUID } from 'node:crypto';
import type { Clock, Scheduled } from '../../clock/clock.ts';
import type { Collection, VendorData } from '../vendor-data.ts';
import { badParameter, secretNotFound, VaultError } from './vault-error.ts';

/** What a caller may say about a secret. Times are in seconds since 1970. */
export interface SecretProperties {
  readonly contentType?: string | undefined;
  readonly tags?: Record<string, string> | undefined;
  readonly enabled?: boolean | undefined;
  readonly nbf?: number | undefined;
  readonly exp?: number | undefined;
}

export interface SecretVersion extends SecretProperties {
  readonly name: string;
  readonly version: string;
  readonly value: string;
  readonly created: number;
  readonly updated: number;
}

/** Times are in milliseconds since 1970. */
export interface DeletedSecret {
  readonly latest: SecretVersion;
  readonly deletedAt: number;
  /** Until then it is being deleted. */
  readonly readyAt: number;
  readonly purgeAt: number;
  /** A purge that was asked for has begun, and ends at `purgeAt`. */
  readonly purging?: boolean;
}

export interface VaultOptions {
  readonly retentionDays: number;
  /** How long a deletion, and a purge, goes on after it was answered; 0 unless given. */
  readonly transitionSeconds?: number | undefined;
}

export class Vault {
  readonly retentionDays: number;
  readonly #transitionMs: number;
  readonly #clock: Clock;
  readonly #data: VendorData;
  /** Keyed by name and a number that grows; those of a deleted secret stay until it is purged. */
  readonly #versions: Collection<SecretVersion>;
  readonly #deleted: Collection<DeletedSecret>;
  readonly #purges = new Map<string, Scheduled>();

  constructor(clock: Clock, data: VendorData, { retentionDays, transitionSeconds = 0 }: VaultOptions) {
    this.retentionDays = retentionDays;
    this.#transitionMs = transitionSeconds * 1000;
    this.#clock = clock;
    this.#data = data;
    this.#versions = data.collection<SecretVersion>('versions');
    this.#deleted = data.collection<DeletedSecret>('deleted');
    for (const each of this.#deleted.all()) this.#schedulePurge(each);
  }

  /** Stores a new version. @throws VaultError while a secret of this name is deleted but not purged. */
  set(name: string, value: string, properties: SecretProperties): SecretVersion {
    this.#assertAtRest(name);
    if (this.#deleted.get(keyOf(name)) !== undefined) {
      throw new VaultError(
        409,
        'Conflict',
        `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
        'ObjectIsDeletedButRecoverable',
      );
    }
    const now = Math.floor(this.#clock.now() / 1000);
    const version = randomUUID().replaceAll('-', '');
    const secret = { name, version, value, created: now, updated: now, ...properties };
    const ordinal = String(this.#versions.all(`${keyOf(name)}/`).length + 1).padStart(8, '0');
    this.#versions.put(`${keyOf(name)}/${ordinal}`, secret);
    return secret;
  }

  /** One version, the latest by default. @throws VaultError when there is none, or it is disabled. */
  get(name: string, version?: string): SecretVersion {
    const secret = this.#find(name, version).secret;
    if (secret.enabled !== false) return secret;
    throw new VaultError(
      403,
      'Forbidden',
      'Operation get is not allowed on a disabled secret.',
      'SecretDisabled',
    );
  }

  update(name: string, version: string | undefined, properties: SecretProperties): SecretVersion {
    const { ordinal, secret } = this.#find(name, version);
    const updated = { ...secret, ...properties, updated: Math.floor(this.#clock.now() / 1000) };
    this.#versions.put(`${keyOf(name)}/${String(ordinal).padStart(8, '0')}`, updated);
    return updated;
  }

  versions(name: string): SecretVersion[] {
    return this.#live(name);
  }

  /** The latest version of every secret that is not deleted. */
  list(): SecretVersion[] {
    const latest = new Map<string, SecretVersion>();
    for (const secret of this.#versions.all()) latest.set(keyOf(secret.name), secret);
    return [...latest.entries()]
      .filter(([key]) => this.#deleted.get(key) === undefined)
      .map(([, each]) => each);
  }

  delete(name: string): DeletedSecret {
    this.#assertAtRest(name);
    const latest = this.#find(name, undefined).secret;
    const deletedAt = this.#clock.now();
    const purgeAt = deletedAt + this.retentionDays * 24 * 3_600_000;
    const deleted = { latest, deletedAt, readyAt: deletedAt + this.#transitionMs, purgeAt };
    this.#deleted.put(keyOf(name), deleted);
    this.#schedulePurge(deleted);
    return deleted;
  }

  getDeleted(name: string): DeletedSecret {
    const deleted = this.#deleted.get(keyOf(name));
    if (deleted === undefined || this.#isBeingDeleted(deleted)) throw secretNotFound(name);
    return deleted;
  }

  listDeleted(): DeletedSecret[] {
    return this.#deleted.all().filter((each) => !this.#isBeingDeleted(each));
  }

  recover(name: string): SecretVersion {
    const { latest } = this.getDeleted(name);
    this.#assertAtRest(name);
    this.#forgetDeletion(name);
    return latest;
  }

  /** Removes a deleted secret for good. */
  purge(name: string): void {
    const deleted = this.getDeleted(name);
    this.#assertAtRest(name);
    if (this.#transitionMs === 0) {
      this.#erase(name);
      return;
    }
    const purging = { ...deleted, purgeAt: this.#clock.now() + this.#transitionMs, purging: true };
    this.#deleted.put(keyOf(name), purging);
    this.#schedulePurge(purging);
  }

  close(): void {
    for (const purge of this.#purges.values()) purge.cancel();
    this.#purges.clear();
  }

  /** Nothing of the secret is left on the disk. */
  #erase(name: string): void {
    const count = this.#versions.all(`${keyOf(name)}/`).length;
    this.#data.together(() => {
      for (let ordinal = 1; ordinal <= count; ordinal += 1) {
        this.#versions.delete(`${keyOf(name)}/${String(ordinal).padStart(8, '0')}`);
      }
      this.#forgetDeletion(name);
    });
    this.#data.forgetDeleted();
  }

  #forgetDeletion(name: string): void {
    this.#deleted.delete(keyOf(name));
    this.#purges.get(keyOf(name))?.cancel();
    this.#purges.delete(keyOf(name));
  }

  #isBeingDeleted({ readyAt }: DeletedSecret): boolean {
    return this.#clock.now() < readyAt;
  }

  /** @throws VaultError while the secret is being deleted or purged */
  #assertAtRest(name: string): void {
    const deleted = this.#deleted.get(keyOf(name));
    if (deleted === undefined || (!this.#isBeingDeleted(deleted) && deleted.purging !== true)) return;
    throw new VaultError(
      409,
      'Conflict',
      `Secret ${name} is currently being deleted.`,
      'ObjectIsBeingDeleted',
    );
  }

  #schedulePurge({ latest, purgeAt }: DeletedSecret): void {
    this.#purges.get(keyOf(latest.name))?.cancel();
    const purge = this.#clock.schedule(purgeAt, () => this.#erase(latest.name));
    this.#purges.set(keyOf(latest.name), purge);
  }

  #live(name: string): SecretVersion[] {
    const versions = this.#versions.all(`${keyOf(name)}/`);
    if (versions.length === 0 || this.#deleted.get(keyOf(name)) !== undefined) throw secretNotFound(name);
    return versions;
  }

  #find(name: string, version: string | undefined): { ordinal: number; secret: SecretVersion } {
    const versions = this.#live(name);
    const index =
      version === undefined ? versions.length - 1 : versions.findIndex((each) => each.version === version);
    const secret = versions[index];
    if (secret === undefined) throw secretNotFound(`${name}/${version ?? ''}`);
    return { ordinal: index + 1, secret };
  }
}

/** Secret names are case-insensitive. @throws VaultError for a name that is none. */
function keyOf(name: string): string {
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) {
    throw badParameter(`The request URI contains an invalid name: ${name}`);
  }
  return name.toLowerCase();
}
