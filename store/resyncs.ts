/** When presence was last asked to be read anew, so that of several reads that wait only the newest is made. */
import type { Side } from '../domain/presence.ts';
import type { Database } from './database.ts';
import { upsert } from './upsert.ts';

/** What is read together: a shard in Teams, and everybody (shard 0) in RingCentral. */
export interface ReadScope {
  tenantId: string;
  side: Side;
  shard: number;
}

export interface Resyncs {
  /** Notes that a read was asked for at this instant. */
  ask(scope: ReadScope, at: Date): Promise<void>;
  /** When one was last asked for. */
  newest(scope: ReadScope): Promise<Date | undefined>;
}

export function makeResyncs(database: Database): Resyncs {
  return {
    ask: async ({ tenantId, side, shard }, at) => {
      const row = { side, shard, asked_at: at.toISOString() };
      await database
        .inTenant(tenantId)
        .together((scope) => upsert(scope, 'resyncs', [row], { within: { side }, by: 'shard' }));
    },
    newest: async ({ tenantId, side, shard }) => {
      const held = await database
        .inTenant(tenantId)
        .db.selectFrom('resyncs')
        .select('asked_at')
        .where('side', '=', side)
        .where('shard', '=', shard)
        .executeTakeFirst();
      return held === undefined ? undefined : new Date(held.asked_at);
    },
  };
}
