/**
 * Where each subscription stands. State, plan, billing and what is due change together or not at all, so that whatever is
 * interrupted finds them in step.
 */
import {
  changeOf,
  type Change,
  type DueDeletion,
  type Seen,
  type Subscription,
} from '../domain/subscription.ts';
import { fitting, readRow, type Database, type TenantScope, type TenantTransaction } from './database.ts';
import { setDueDeletion } from './erasure.ts';
import { noteBillingEvent, saveLicence, type BillingEvent } from './licensing.ts';

export interface SubscriptionRow extends Subscription {
  /** The newest version whose work has been begun; 0 before the first. */
  begun: number;
  changedAt: Date;
}

/** What billing notes beside the change itself. */
type Noted = Pick<BillingEvent, 'eventId' | 'termUnit' | 'purchaser'>;

export interface Subscriptions {
  find(tenantId: string): Promise<SubscriptionRow | undefined>;
  /**
   * Takes in what is seen, and answers where the subscription stood before and stands now, each undefined where nothing is
   * kept of it. With `version`, where it stood when it was seen (0 where nothing was kept of it): undefined where it has moved
   * on meanwhile, because what was seen may be older than that. What is due already stays due as it is, because its erasure may be under way.
   */
  change(
    tenantId: string,
    seen: Seen,
    noted: Noted & { version?: number },
  ): Promise<
    | {
        before: SubscriptionRow | undefined;
        after: SubscriptionRow | undefined;
        change: Change | undefined;
      }
    | undefined
  >;
  /** Those whose newest version asks for work that has not been begun. */
  unbegun(atMost: number): Promise<string[]>;
  /** Notes that the work of a version has been begun; a newer one's stays to be. */
  markBegun(tenantId: string, version: number): Promise<void>;
  /**
   * What is due of a category at the instant `at`, if anything is. A suspended tenant lapses with it, so that a
   * reinstatement comes either before, and calls it off, or after, and finds it lapsed.
   */
  beginErasure(
    tenantId: string,
    category: DueDeletion['category'],
    at: Date,
  ): Promise<DueDeletion | undefined>;
}

export function makeSubscriptions(database: Database): Subscriptions {
  return {
    find: (tenantId) => read(database.inTenant(tenantId)),
    change: (tenantId, seen, { version, ...noted }) =>
      database.inTenant(tenantId).together(async (scope) => {
        const before = await readForUpdate(scope);
        if (version !== undefined && version !== (before?.version ?? 0)) return undefined;
        const change = changeOf(before, seen);
        if (change === undefined) return { before, after: before, change };
        const { kind } = change;
        const { learnedAt = seen.at } = seen;
        const after = { ...change.after, begun: before?.begun ?? 0, changedAt: learnedAt };
        await write(scope, after, before === undefined);
        if (kind !== undefined) {
          const { planId, quantity } = after;
          const eventId = `${noted.eventId}:${after.version}`;
          const event = { ...noted, eventId, kind, planId, quantity, happenedAt: seen.at };
          await noteBillingEvent(scope, event);
        }
        for (const each of change.due) {
          if (!(await isDueAlready(scope, each.category, learnedAt))) await setDueDeletion(scope, each);
        }
        for (const category of change.calledOff) {
          await scope.db.deleteFrom('due_deletions').where('category', '=', category).execute();
        }
        return { before, after, change };
      }),
    unbegun: async (atMost) => {
      const rows = await database.common
        .selectFrom('subscriptions')
        .select('tenant_id')
        .whereRef('begun', '<', 'version')
        .orderBy('tenant_id')
        .limit(atMost)
        .execute();
      return rows.map((row) => row.tenant_id);
    },
    markBegun: async (tenantId, version) => {
      await database
        .inTenant(tenantId)
        .db.updateTable('subscriptions')
        .set({ begun: version })
        .where('begun', '<', version)
        .execute();
    },
    beginErasure: (tenantId, category, at) =>
      database.inTenant(tenantId).together(async (scope) => {
        const subscription = await readForUpdate(scope);
        const held = await scope.db
          .selectFrom('due_deletions')
          .selectAll()
          .where('category', '=', category)
          .executeTakeFirst();
        if (held === undefined) return undefined;
        const { reason, due_at: dueAt } = readRow('due_deletions', held);
        if (dueAt > at.toISOString()) return undefined;
        // The last erasure ends the others' work, too: it waits until they are done.
        if (category === 'billing' && (await hasOthersDue(scope))) return undefined;
        const lapse =
          reason === 'suspended' && changeOf(subscription, { event: 'timeUp', plan: undefined, at });
        if (lapse && subscription !== undefined) {
          await write(scope, { ...lapse.after, begun: lapse.after.version, changedAt: at }, false);
        }
        return { category, reason, dueAt: new Date(dueAt) };
      }),
  };
}

async function readForUpdate(scope: TenantTransaction): Promise<SubscriptionRow | undefined> {
  const locked = await scope.db.selectFrom('subscriptions').select('version').forUpdate().executeTakeFirst();
  return locked === undefined ? undefined : read(scope);
}

async function read({ db }: Pick<TenantScope, 'db'>): Promise<SubscriptionRow | undefined> {
  const held = await db.selectFrom('subscriptions').selectAll().executeTakeFirst();
  if (held === undefined) return undefined;
  const { state, version, entered, begun, changed_at: changedAt } = readRow('subscriptions', held);
  const bought = await db.selectFrom('licences').selectAll().executeTakeFirst();
  const licence = bought === undefined ? undefined : readRow('licences', bought);
  return {
    state,
    version,
    entered,
    begun,
    changedAt: new Date(changedAt),
    planId: licence?.plan_id ?? '',
    quantity: licence?.quantity ?? null,
  };
}

async function write(
  scope: TenantTransaction,
  { state, version, entered, begun, changedAt, planId, quantity }: SubscriptionRow,
  isNew: boolean,
): Promise<void> {
  const row = fitting('subscriptions', {
    state,
    version,
    entered,
    begun,
    changed_at: changedAt.toISOString(),
  });
  if (isNew) await scope.db.insertInto('subscriptions').values(row).execute();
  else await scope.db.updateTable('subscriptions').set(row).execute();
  // What a cancelled subscription comprised is erased in its time, and not written again.
  if (state !== 'cancelled' && planId !== '') await saveLicence(scope, { planId, quantity }, changedAt);
}

async function isDueAlready(
  { db }: TenantTransaction,
  category: DueDeletion['category'],
  at: Date,
): Promise<boolean> {
  const held = await db
    .selectFrom('due_deletions')
    .select('due_at')
    .where('category', '=', category)
    .where('due_at', '<=', at.toISOString())
    .executeTakeFirst();
  return held !== undefined;
}

async function hasOthersDue({ db }: TenantTransaction): Promise<boolean> {
  const other = await db
    .selectFrom('due_deletions')
    .select('category')
    .where('category', '!=', 'billing')
    .executeTakeFirst();
  return other !== undefined;
}
