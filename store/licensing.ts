/** What a customer has bought, and what has happened to it: kept longer than service data, and apart from it. */
import type { Plan } from '../domain/subscription.ts';
import { fitting, readRow, type Database, type TenantTransaction } from './database.ts';

interface Licence extends Plan {
  assigned: number;
}

export interface BillingEvent extends Plan {
  /** The marketplace's operation; the same event noted again changes nothing. */
  eventId: string;
  kind: string;
  termUnit: string | null;
  purchaser: { mail: string | null; objectId: string | null };
  happenedAt: Date;
}

export interface Licences {
  find(tenantId: string): Promise<Licence | undefined>;
  save(tenantId: string, licence: Licence, at: Date): Promise<void>;
  /** Notes how many seats are assigned; what was bought, which may change meanwhile, stays as it is. */
  noteAssigned(tenantId: string, assigned: number, at: Date): Promise<void>;
}

export interface BillingEvents {
  add(tenantId: string, event: BillingEvent): Promise<void>;
  /** From the oldest to the newest. */
  all(tenantId: string): Promise<BillingEvent[]>;
}

export function makeLicences(database: Database): Licences {
  return {
    find: async (tenantId) => {
      const held = await database.inTenant(tenantId).db.selectFrom('licences').selectAll().executeTakeFirst();
      if (held === undefined) return undefined;
      const { plan_id: planId, quantity, assigned } = readRow('licences', held);
      return { planId, quantity, assigned };
    },
    save: (tenantId, licence, at) =>
      database.inTenant(tenantId).together((scope) => saveLicence(scope, licence, at)),
    noteAssigned: async (tenantId, assigned, at) => {
      await database
        .inTenant(tenantId)
        .db.updateTable('licences')
        .set({ assigned, updated_at: at.toISOString() })
        .execute();
    },
  };
}

export function makeBillingEvents(database: Database): BillingEvents {
  return {
    add: async (tenantId, event) => {
      await database.inTenant(tenantId).together((scope) => noteBillingEvent(scope, event));
    },
    all: async (tenantId) => {
      const { db } = database.inTenant(tenantId);
      const rows = await db
        .selectFrom('billing_events')
        .selectAll()
        .orderBy('happened_at')
        .orderBy('event_id')
        .execute();
      return rows.map((each) => {
        const row = readRow('billing_events', each);
        return {
          eventId: row.event_id,
          kind: row.kind,
          planId: row.plan_id,
          quantity: row.quantity,
          termUnit: row.term_unit,
          purchaser: {
            mail: row.purchaser_mail,
            objectId: row.purchaser_object_id,
          },
          happenedAt: new Date(row.happened_at),
        };
      });
    },
  };
}

/** Saves the licence within a transaction; without `assigned`, as many seats are assigned as before. */
export async function saveLicence(
  { db }: TenantTransaction,
  { planId, quantity, assigned }: Plan & { assigned?: number },
  at: Date,
): Promise<void> {
  const held = await db.selectFrom('licences').select('assigned').forUpdate().executeTakeFirst();
  const row = fitting('licences', {
    plan_id: planId,
    quantity,
    assigned: assigned ?? held?.assigned ?? 0,
    updated_at: at.toISOString(),
  });
  if (held === undefined) await db.insertInto('licences').values(row).execute();
  else await db.updateTable('licences').set(row).execute();
}

/** Notes the event within a transaction. */
export async function noteBillingEvent(scope: TenantTransaction, event: BillingEvent): Promise<void> {
  const row = {
    event_id: event.eventId,
    kind: event.kind,
    plan_id: event.planId,
    quantity: event.quantity,
    term_unit: event.termUnit,
    purchaser_mail: event.purchaser.mail,
    purchaser_object_id: event.purchaser.objectId,
    happened_at: event.happenedAt.toISOString(),
  };
  const noted = await scope.db
    .selectFrom('billing_events')
    .select('event_id')
    .where('event_id', '=', row.event_id)
    .forUpdate()
    .executeTakeFirst();
  if (noted === undefined)
    await scope.db.insertInto('billing_events').values(fitting('billing_events', row)).execute();
}
