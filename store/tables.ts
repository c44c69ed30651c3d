/**
 * The tables: what a row of each is, checked before it is written and after it is read. Every tenant-owned table has
 * `tenant_id` in its key besides; it is never spelled here, because the tenant scope adds it to every query.
 */
import { z } from 'zod';
import { endReasons } from '../domain/data-map/retention.ts';
import { erasedCategories } from '../domain/data-map/words.ts';
import { tenantStates } from '../domain/lifecycle.ts';

/**
 * Ids of vendors and words of our own: letters, digits and signs of ASCII, without a blank at the end, so that every engine
 * compares them alike (SQL Server takes no notice of blanks at the end).
 */
const ascii = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^(?:[\x20-\x7e]*[\x21-\x7e])?$/, 'must be plain ASCII without a blank at the end');

/** What people call themselves and things, `longest` in UTF-16 units, as SQL Server counts. Never compared in SQL. */
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    // zod counts emoji once, SQL Server twice.
    .refine((value) => value.length <= longest, `must be at most ${longest} UTF-16 units long`)
    .refine((value) => value.isWellFormed() && !value.includes('\0'), 'must be well-formed Unicode');

/** Texts of any length: JSON of our own. */
const longText = text(1_000_000);
/** Always `toISOString()`'s form, so that texts sort as times do. */
const instant = z.iso.datetime({ precision: 3 });
/** SQL Server's integer holds no more. */
const count = z.int32().nonnegative();

/** The tables whose every row belongs to one tenant. */
export const tenantTables = {
  tenants: z.object({
    microsoft_tenant_id: ascii(36),
    ring_central_account_id: ascii(64),
    created_at: instant,
  }),
  service_users: z.object({
    /** Which of the tenant's presence subscriptions the user's consent carries, from 0. */
    shard: count,
    /** The Entra object id. */
    user_id: ascii(36),
    connected_at: instant,
  }),
  users: z.object({
    /** The Entra object id. */
    user_id: ascii(36),
    display_name: text(256),
    mail: text(320).nullable(),
    user_principal_name: text(320).nullable(),
    given_name: text(256).nullable(),
    surname: text(256).nullable(),
    department: text(256).nullable(),
    job_title: text(256).nullable(),
    /** A JSON list of texts. */
    business_phones: text(2000),
    /** The last reading of the whole directory in which the person was found. */
    seen_in: count,
    updated_at: instant,
  }),
  extensions: z.object({
    extension_id: ascii(64),
    extension_number: ascii(32).nullable(),
    name: text(256),
    mail: text(320).nullable(),
    /** The direct number. */
    phone: text(64).nullable(),
    /** The last reading of the whole list in which the extension was found. */
    seen_in: count,
    updated_at: instant,
  }),
  mappings: z.object({
    user_id: ascii(36),
    extension_id: ascii(64),
    /** Which of the tenant's service users reads this person's presence, from 0. */
    shard: count,
    assigned_at: instant,
    /** 1 while the person has one of the seats that were bought, 0 while there are too few. */
    seated: z.int().min(0).max(1),
    /** 1 once the person's entity has been told of this extension. */
    enrolled: z.int().min(0).max(1),
  }),
  /** How far the directories of both vendors have been read. */
  directory_syncs: z.object({
    /** Counts the runs; only the newest goes on. */
    run: count,
    outcome: z.enum(['none', 'underWay', 'done', 'failed']),
    /** Why the last run that has ended has failed, if it has: a vendor's code, or one of our own. */
    code: ascii(80).nullable(),
    /** When the customer last asked for a run. */
    requested_at: instant.nullable(),
    started_at: instant.nullable(),
    finished_at: instant.nullable(),
    /** Where Graph goes on: opaque, a path on its own server. */
    users_link: longText.nullable(),
    /** The run in which the whole directory began to be read, until that is done; null while changes are read. */
    users_whole_since: count.nullable(),
  }),
  /** Who is mapped no more, until nothing of them is left. */
  departures: z.object({
    user_id: ascii(36),
    /** The extension they had. */
    extension_id: ascii(64),
    since: instant,
  }),
  sync_rules: z.object({
    /** Counts from 1; the newest holds. */
    version: z.int32().positive(),
    /** JSON. */
    rules: longText,
    saved_at: instant,
    /** The version that this one has brought back; null where it is none. */
    restored: z.int32().positive().nullable(),
    /** The newest number given to a change of the rules or of an exception to them. */
    counted: z.int32().positive(),
    /** The newest number that all people have been told. */
    applied: count,
  }),
  rule_exceptions: z.object({
    /** Whose rules are others, an Entra object id. */
    user_id: ascii(36),
    /** JSON. */
    exception: text(2000),
    /** The number of the change that made it. */
    version: z.int32().positive(),
    saved_at: instant,
  }),
  rule_previews: z.object({
    /** 0 holds the rules that are tried, each further one what they would do to a page of people. */
    part: count,
    asked_at: instant,
    /** JSON. */
    body: longText,
  }),
  licences: z.object({
    plan_id: ascii(128),
    /** Seats bought; null where the plan is not by the seat. */
    quantity: count.nullable(),
    assigned: count,
    updated_at: instant,
  }),
  billing_events: z.object({
    /** The marketplace's operation, or the purchase itself. */
    event_id: ascii(64),
    kind: ascii(32),
    plan_id: ascii(128),
    quantity: count.nullable(),
    term_unit: ascii(16).nullable(),
    purchaser_mail: text(320).nullable(),
    purchaser_object_id: ascii(36).nullable(),
    happened_at: instant,
  }),
  log_entries: z.object({
    /** Counts from 1 within the tenant; the oldest go first when there are too many. */
    sequence: z.int32().positive(),
    /** Derived from what happened, so that an activity that runs twice logs once. */
    entry_id: ascii(64),
    kind: ascii(40),
    severity: z.enum(['info', 'warning', 'error']),
    side: z.enum(['teams', 'ringCentral']).nullable(),
    /** Whom it is about, an Entra object id; null where it is about the company. */
    user_id: ascii(36).nullable(),
    /** JSON. */
    details: text(2000),
    happened_at: instant,
  }),
  data_requests: z.object({
    request_id: ascii(36),
    kind: z.enum(['information', 'correction', 'restriction', 'deletion', 'copy', 'objection']),
    /** Whom it is about, an Entra object id; null for the whole company. */
    user_id: ascii(36).nullable(),
    status: z.enum(['open', 'underWay', 'done', 'refused']),
    requested_at: instant,
    due_at: instant,
    finished_at: instant.nullable(),
  }),
  subscriptions: z.object({
    state: z.enum(tenantStates),
    /** Counts from 1 what has changed: state, plan, quantity. */
    version: z.int32().positive(),
    /** The version that brought this state. */
    entered: z.int32().positive(),
    /** The newest version whose work has been begun; 0 before the first. */
    begun: count,
    changed_at: instant,
  }),
  due_deletions: z.object({
    category: z.enum(erasedCategories),
    reason: z.enum(endReasons),
    due_at: instant,
  }),
  connection_leases: z.object({
    connection: ascii(32),
    /** The worker that may refresh the connection's tokens. */
    holder: ascii(64),
    expires_at: instant,
  }),
  vendor_subscriptions: z.object({
    vendor: z.enum(['graph', 'ringCentral']),
    shard: count,
    subscription_id: ascii(64),
    /** Stands for all that the subscription was made with: another one means that it has to be made anew. */
    fingerprint: ascii(64),
    expires_at: instant,
    /** When it was last made, renewed or reauthorized. */
    renewed_at: instant,
    /** What the vendor has said about it since, or has failed to say, that has not been seen to yet. */
    attention: z.enum(['reauthorize', 'missed', 'removed', 'silent']).nullable(),
  }),
  delivery_attempts: z.object({
    side: z.enum(['teams', 'ringCentral']),
    /** Whom the write addresses: an Entra object id, or a RingCentral extension id. */
    target_id: ascii(64),
    /** The wish last sent towards the vendor; its outcome may be unknown. */
    revision: z.int32(),
  }),
  convergence: z.object({
    side: z.enum(['teams', 'ringCentral']),
    /** When the hour begins. */
    hour: instant,
    /** JSON: how many changes took how long to show. */
    delays: longText,
    /** Writes that the vendor has refused for good. */
    refused: count,
    /** The batch of writes that was added last. */
    last_batch: ascii(64),
  }),
  resyncs: z.object({
    side: z.enum(['teams', 'ringCentral']),
    /** The Graph shard to be read; 0 for all of RingCentral. */
    shard: count,
    /** When a read was last asked for. */
    asked_at: instant,
    /** The vendor wants no read before. */
    paused_until: instant.nullable(),
  }),
};

/** The tables that belong to nobody: what they hold points at no customer. */
export const commonTables = {
  erasure_receipts: z.object({
    /** Counts from 1; the links of a chain. */
    sequence: z.int32().positive(),
    /** JSON without any identifier. */
    body: longText,
    previous_hash: ascii(64),
    hash: ascii(64),
    signature: ascii(96),
    /** Whoever knows the tenant's code finds its links by it; nobody else can tell whose they are. */
    claim_hash: ascii(64),
    issued_at: instant,
  }),
};

export type TenantTable = keyof typeof tenantTables;
/** Row types as a tenant's scope sees them: without `tenant_id`. */
export type TenantSchema = { [T in TenantTable]: z.infer<(typeof tenantTables)[T]> };
export type Row<T extends TenantTable> = TenantSchema[T];

interface Owned {
  tenant_id: string;
}
/** What may be asked across tenants: which there are, where they stand, and whose deletions are due. */
export type CommonSchema = { [T in keyof typeof commonTables]: z.infer<(typeof commonTables)[T]> } & {
  tenants: Owned;
  licences: Owned;
  billing_events: Owned;
  subscriptions: Owned & Row<'subscriptions'>;
  due_deletions: Owned & Row<'due_deletions'>;
};
