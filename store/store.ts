/** The product's own database behind one typed query builder: SQLite as the embedded default. */
import { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { ConnectionLeases } from '../domain/connection-lease.ts';
import { makeConnectionLeases } from './connection-leases.ts';
import { makeDeliveryAttempts, type DeliveryAttempts } from './delivery-attempts.ts';
import { makeMappings, type Mappings } from './mappings.ts';
import { migrations } from './migrations.ts';
import type { Schema } from './schema.ts';
import { sqliteDialect } from './sqlite.ts';
import { makeTenants, type Tenants } from './tenants.ts';
import { makeVendorSubscriptions, type VendorSubscriptions } from './vendor-subscriptions.ts';

export interface Store {
  tenants: Tenants;
  mappings: Mappings;
  vendorSubscriptions: VendorSubscriptions;
  deliveryAttempts: DeliveryAttempts;
  leases: ConnectionLeases;
  close(): Promise<void>;
}

/** Opens the database file at `path` and brings its schema up to date. Throws when a migration fails. */
export async function openStore(path: string): Promise<Store> {
  const db = new Kysely<Schema>({ dialect: sqliteDialect(path) });
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error('The database could not be brought up to date.', { cause: error });
  return {
    tenants: makeTenants(db),
    mappings: makeMappings(db),
    vendorSubscriptions: makeVendorSubscriptions(db),
    deliveryAttempts: makeDeliveryAttempts(db),
    leases: makeConnectionLeases(db),
    close: () => db.destroy(),
  };
}
