/** Whose turn it is to read presence anew: of several reads that wait only the newest is made, and none while a vendor wants a pause. */
import type { Side } from '../domain/presence.ts';
import { readRow, type Database } from './database.ts';
import { upsert } from './upsert.ts';

/** What is read together: a shard in Teams, and everybody (shard 0) in RingCentral. */
export interface ReadScope {
  tenantId: string;
  side: Side;
  shard: number;
}

type Turn = { kind: 'now' } | { kind: 'overtaken' } | { kind: 'wait'; until: Date };

export interface Resyncs {
  /**
   * Notes that a read was asked for at the instant `asked`. It is not its turn where one is known that was clearly asked for after
   * it, or while the vendor wants a pause.
   */
  turn(scope: ReadScope, read: { asked: Date; now: Date }): Promise<Turn>;
  isPaused(scope: ReadScope, now: Date): Promise<boolean>;
  /** The vendor wants no read before then. */
  pause(scope: ReadScope, until: Date): Promise<void>;
}

/** Clocks of workers differ: a read that was asked for only just before may in truth be the later one. */
const clockSkewMs = 2000;

export function makeResyncs(database: Database): Resyncs {
  return {
    turn: ({ tenantId, side, shard }, { asked, now }) =>
      database.inTenant(tenantId).together(async (scope) => {
        const row = await scope.db
          .selectFrom('resyncs')
          .selectAll()
          .where('side', '=', side)
          .where('shard', '=', shard)
          .forUpdate()
          .executeTakeFirst();
        const held = row === undefined ? undefined : readRow('resyncs', row);
        const ahead = held === undefined ? -1 : Date.parse(held.asked_at) - asked.getTime();
        if (ahead > clockSkewMs) return { kind: 'overtaken' };
        if (ahead < 0) {
          const noted = {
            side,
            shard,
            asked_at: asked.toISOString(),
            paused_until: held?.paused_until ?? null,
          };
          await upsert(scope, 'resyncs', [noted], { within: { side }, by: 'shard' });
        }
        const until = new Date(held?.paused_until ?? 0);
        return until > now ? { kind: 'wait', until } : { kind: 'now' };
      }),
    isPaused: async ({ tenantId, side, shard }, now) => {
      const paused = await database
        .inTenant(tenantId)
        .db.selectFrom('resyncs')
        .select('paused_until')
        .where('side', '=', side)
        .where('shard', '=', shard)
        .where('paused_until', '>', now.toISOString())
        .executeTakeFirst();
      return paused !== undefined;
    },
    pause: async ({ tenantId, side, shard }, until) => {
      await database
        .inTenant(tenantId)
        .db.updateTable('resyncs')
        .set({ paused_until: until.toISOString() })
        .where('side', '=', side)
        .where('shard', '=', shard)
        .execute();
    },
  };
}
