/** How long changes took to show, hour by hour: written once a batch of writes, read for the figures of a day or a week. */
import { addDelay, histogramSchema, type BatchFigures, type Histogram } from '../domain/convergence.ts';
import { convergenceHours } from '../domain/data-map/retention.ts';
import type { Side } from '../domain/presence.ts';
import { fitting, readJson, readRow, type Database, type TenantTransaction } from './database.ts';

const hourMs = 3_600_000;

/** The figures of an hour. */
export interface HourOfConvergence {
  side: Side;
  begins: Date;
  histogram: Histogram;
  /** Writes that the vendor has refused for good. */
  refused: number;
}

export interface ConvergenceFigures {
  /**
   * Adds what a batch came to, unless it is the one that was added last: an activity that runs twice counts once.
   * `batch` tells batches of a side apart.
   */
  add(tenantId: string, side: Side, batch: { id: string; figures: BatchFigures; at: Date }): Promise<void>;
  /** The hours from that on which holds the instant `since`, in order. */
  since(tenantId: string, since: Date): Promise<HourOfConvergence[]>;
}

export function makeConvergence(database: Database): ConvergenceFigures {
  return {
    add: (tenantId, side, { id, figures, at }) =>
      database.inTenant(tenantId).together(async (scope) => {
        const hour = hourOf(at);
        const held = await scope.db
          .selectFrom('convergence')
          .selectAll()
          .where('side', '=', side)
          .where('hour', '=', hour)
          .forUpdate()
          .executeTakeFirst();
        if (held !== undefined && held.last_batch === id) return;
        const before = held === undefined ? undefined : toHour(held);
        const histogram = figures.delays.reduce<Histogram>(addDelay, before?.histogram ?? {});
        const row = fitting('convergence', {
          side,
          hour,
          delays: JSON.stringify(histogram),
          refused: (before?.refused ?? 0) + figures.refused,
          last_batch: id,
        });
        if (held === undefined) await begin(scope, row, at);
        else {
          const { delays, refused, last_batch } = row;
          await scope.db
            .updateTable('convergence')
            .set({ delays, refused, last_batch })
            .where('side', '=', side)
            .where('hour', '=', hour)
            .execute();
        }
      }),
    since: async (tenantId, since) => {
      const rows = await database
        .inTenant(tenantId)
        .db.selectFrom('convergence')
        .selectAll()
        .where('hour', '>=', hourOf(since))
        .orderBy('hour')
        .orderBy('side')
        .execute();
      return rows.map(toHour);
    },
  };
}

/** With each new hour the oldest go. */
async function begin(
  { db }: TenantTransaction,
  row: Parameters<typeof fitting<'convergence'>>[1],
  at: Date,
): Promise<void> {
  const oldest = hourOf(new Date(at.getTime() - convergenceHours * hourMs));
  await db.deleteFrom('convergence').where('hour', '<', oldest).execute();
  await db.insertInto('convergence').values(row).execute();
}

function toHour(held: unknown): HourOfConvergence {
  const row = readRow('convergence', held);
  return {
    side: row.side,
    begins: new Date(row.hour),
    histogram: readJson(histogramSchema, row.delays, 'convergence.delays'),
    refused: row.refused,
  };
}

function hourOf(at: Date): string {
  return new Date(Math.floor(at.getTime() / hourMs) * hourMs).toISOString();
}
