/** The product's own database: SQLite as the embedded default, or Azure SQL. */
import { makeConnectionLeases } from './connection-leases.ts';
import { makeConvergence } from './convergence.ts';
import { makeCopies } from './copies.ts';
import { makeCustomerLog } from './customer-log.ts';
import { makeDataRequests } from './data-requests.ts';
import { openDatabase, type Database } from './database.ts';
import { makeDeliveryAttempts } from './delivery-attempts.ts';
import { makeExtensions, makeServiceUsers, makeUsers } from './directory.ts';
import { makeDueDeletions, makeErasureReceipts } from './erasure.ts';
import { makeBillingEvents, makeLicences } from './licensing.ts';
import { makeDirectorySyncs } from './directory-syncs.ts';
import { makeMappings, makeSeated } from './mappings.ts';
import { assertUpToDate, migrate } from './migrate.ts';
import { patient } from './patience.ts';
import { makeRuleExceptions } from './rule-exceptions.ts';
import { makeRulePreviews } from './rule-previews.ts';
import { makePlacements } from './placements.ts';
import { makeResyncs } from './resyncs.ts';
import { sqlServerConfig, type SqlServerSettings } from './sql-server/config.ts';
import { SqlServerDialect } from './sql-server/dialect.ts';
import { EmbeddedDialect, scrubFiles } from './sqlite/dialect.ts';
import { makeSyncRules } from './sync-rules.ts';
import { makeTenantRows } from './tenant-rows.ts';
import { makeTenants } from './tenants.ts';
import { makeSubscriptions } from './subscriptions.ts';
import { makeVendorSubscriptions } from './vendor-subscriptions.ts';

/** Where the database is: a file of our own, or a server. */
export type DatabaseSettings = { readonly file: string } | SqlServerSettings;

export type Store = ReturnType<typeof makeStore>;

/**
 * Opens the database. A file is brought up to date at once, being the app's alone; a server's schema is changed by the
 * command `npm run migrate` only, for which the app has no right, and is `outdated` until then. Rejects with `StoreError`.
 */
export async function openStore(settings: DatabaseSettings): Promise<Store> {
  const database = openSettings(settings);
  try {
    if ('file' in settings) await migrate(database);
    else await assertUpToDate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return makeStore(database);
}

/** The database itself, as it is; for migrations. */
export function openSettings(settings: DatabaseSettings): Database {
  if ('file' in settings) return openDatabase(new EmbeddedDialect(settings.file), scrubFiles);
  return openDatabase(new SqlServerDialect(sqlServerConfig(settings)));
}

/** All operations reject with `StoreError`, are tried again in passing trouble, and are safe to run twice. */
export function makeStore(database: Database) {
  return {
    tenants: patient(makeTenants(database)),
    serviceUsers: patient(makeServiceUsers(database)),
    users: patient(makeUsers(database)),
    extensions: patient(makeExtensions(database)),
    directorySyncs: patient(makeDirectorySyncs(database)),
    mappings: patient(makeMappings(database)),
    placements: patient(makePlacements(database)),
    seated: patient(makeSeated(database)),
    syncRules: patient(makeSyncRules(database)),
    ruleExceptions: patient(makeRuleExceptions(database)),
    rulePreviews: patient(makeRulePreviews(database)),
    licences: patient(makeLicences(database)),
    billingEvents: patient(makeBillingEvents(database)),
    customerLog: patient(makeCustomerLog(database)),
    dataRequests: patient(makeDataRequests(database)),
    tenantRows: patient(makeTenantRows(database)),
    dueDeletions: patient(makeDueDeletions(database)),
    erasureReceipts: patient(makeErasureReceipts(database)),
    subscriptions: patient(makeSubscriptions(database)),
    leases: patient(makeConnectionLeases(database)),
    vendorSubscriptions: patient(makeVendorSubscriptions(database)),
    deliveryAttempts: patient(makeDeliveryAttempts(database)),
    convergence: patient(makeConvergence(database)),
    resyncs: patient(makeResyncs(database)),
    copies: patient(makeCopies(database)),
    /** Leaves nothing of what was deleted in the database's files, where they are ours. */
    scrub: () => database.scrub(),
    close: () => database.close(),
  };
}
