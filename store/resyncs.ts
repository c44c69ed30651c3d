/** When presence was last asked to be read anew, so that of several reads that wait only the newest is made. */
import type { Side } from '../domain/presence.ts';
import type { Database } from './database.ts';
import { upsert } from './upsert.ts';

/** What is read together: a shard in Teams, and everybody (shard 0) in RingCentral. */
interface ReadScope {
  tenantId: string;
  side: Side;
  shard: number;
}

export interface Resyncs {
  /** Notes that a read was asked for at the instant `asked`; false where one is known that was clearly asked for after it. */
  isNewest(scope: ReadScope, asked: Date): Promise<boolean>;
}

/** Clocks of workers differ: a read that was asked for only just before may in truth be the later one. */
const clockSkewMs = 2000;

export function makeResyncs(database: Database): Resyncs {
  return {
    isNewest: ({ tenantId, side, shard }, asked) =>
      database.inTenant(tenantId).together(async (scope) => {
        const row = { side, shard, asked_at: asked.toISOString() };
        const held = await scope.db
          .selectFrom('resyncs')
          .select('asked_at')
          .where('side', '=', side)
          .where('shard', '=', shard)
          .forUpdate()
          .executeTakeFirst();
        const ahead = held === undefined ? undefined : Date.parse(held.asked_at) - asked.getTime();
        if (ahead !== undefined && ahead > clockSkewMs) return false;
        if (ahead === undefined || ahead < 0)
          await upsert(scope, 'resyncs', [row], { within: { side }, by: 'shard' });
        return true;
      }),
  };
}
