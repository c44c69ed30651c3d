/** The log that a customer may read: appended in batches, the oldest entries going when there are too many. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  happeningSchema,
  mostLogEntries,
  readHappening,
  severityOf,
  type Happening,
  type Severity,
} from '../domain/customer-log.ts';
import { StoreError } from '../domain/store-error.ts';
import { fitting, readJson, readRow, type Database } from './database.ts';
import { batches, rowsPerStatement } from './upsert.ts';

export interface Occurrence {
  happening: Happening;
  at: Date;
  /** Tells this occurrence from others of its kind, whoever reports it however often: the same again is no new entry. */
  once: string;
}

interface LogEntry {
  /** Counts from 1 within the tenant. */
  sequence: number;
  /** Undefined where a newer version has written what this one does not know. */
  happening: Happening | undefined;
  severity: Severity;
  at: Date;
}

export interface CustomerLog {
  /** Appends what is not there yet, in the given order. */
  append(tenantId: string, occurrences: readonly Occurrence[]): Promise<void>;
  /** The newest entries first, those before the sequence number `before` where it is given. */
  page(tenantId: string, page: { before?: number; size: number }): Promise<LogEntry[]>;
}

export function makeCustomerLog(database: Database, keep = mostLogEntries): CustomerLog {
  return {
    append: async (tenantId, occurrences) => {
      if (occurrences.length === 0) return;
      const rows = occurrences.map(toRow);
      await database.inTenant(tenantId).together(async ({ db }) => {
        // The lock on the newest entry also keeps two workers from taking the same number.
        const newest = await db
          .selectFrom('log_entries')
          .select('sequence')
          .orderBy('sequence', 'desc')
          .limit(1)
          .forUpdate()
          .executeTakeFirst();
        const known = new Set<string>();
        const ids = rows.map((row) => row.entry_id);
        for (const batch of batches(ids, rowsPerStatement(1))) {
          const held = await db
            .selectFrom('log_entries')
            .select('entry_id')
            .where('entry_id', 'in', batch)
            .execute();
          for (const { entry_id: id } of held) known.add(id);
        }
        let sequence = newest?.sequence ?? 0;
        const fresh = rows
          .filter(({ entry_id: id }, index) => !known.has(id) && ids.indexOf(id) === index)
          .map((row) => fitting('log_entries', { ...row, sequence: (sequence += 1) }));
        for (const batch of batches(fresh, rowsPerStatement(9))) {
          await db.insertInto('log_entries').values(batch).execute();
        }
        if (sequence > keep) {
          await db
            .deleteFrom('log_entries')
            .where('sequence', '<=', sequence - keep)
            .execute();
        }
      });
    },
    page: async (tenantId, { before, size }) => {
      const { db } = database.inTenant(tenantId);
      const all = db.selectFrom('log_entries').selectAll().orderBy('sequence', 'desc').limit(size);
      const rows = await (before === undefined ? all : all.where('sequence', '<', before)).execute();
      return rows.map(toEntry);
    },
  };
}

function toRow({ happening, at, once }: Occurrence) {
  const { data } = happeningSchema.safeParse(happening);
  if (data === undefined) throw new StoreError('rejected', 'log_entries.details');
  const { kind, ...particulars } = data;
  const { side = null, userId = null, ...details } = { side: undefined, userId: undefined, ...particulars };
  return {
    entry_id: createHash('sha256')
      .update(JSON.stringify([kind, once]))
      .digest('base64url'),
    kind,
    severity: severityOf(kind),
    side,
    user_id: userId,
    details: JSON.stringify(details),
    happened_at: at.toISOString(),
  };
}

const details = z.record(z.string(), z.unknown());

function toEntry(held: unknown): LogEntry {
  const row = readRow('log_entries', held);
  const happening = readHappening({
    kind: row.kind,
    ...(row.side !== null && { side: row.side }),
    ...(row.user_id !== null && { userId: row.user_id }),
    ...readJson(details, row.details, 'log_entries.details'),
  });
  return { sequence: row.sequence, happening, severity: row.severity, at: new Date(row.happened_at) };
}
