/** Lets one worker at a time refresh a connection's tokens, whatever process it runs in. */
import type { ConnectionLeases } from '../domain/connection-lease.ts';
import { fitting, type Database } from './database.ts';

export function makeConnectionLeases(database: Database): ConnectionLeases {
  return {
    acquire: (tenantId, connection, holder, { now, seconds }) =>
      database.inTenant(tenantId).together(async ({ db }) => {
        const row = fitting('connection_leases', {
          connection,
          holder,
          expires_at: new Date(now.getTime() + seconds * 1000).toISOString(),
        });
        const held = await db
          .selectFrom('connection_leases')
          .select('holder')
          .where('connection', '=', connection)
          .forUpdate()
          .executeTakeFirst();
        if (held === undefined) {
          await db.insertInto('connection_leases').values(row).execute();
          return true;
        }
        // Conditional, so that one wins also on a server that does not know the lock above.
        const [taken] = await db
          .updateTable('connection_leases')
          .set(row)
          .where('connection', '=', connection)
          .where((condition) =>
            condition.or([
              condition('holder', '=', holder),
              condition('expires_at', '<=', now.toISOString()),
            ]),
          )
          .execute();
        return (taken?.numUpdatedRows ?? 0n) > 0n;
      }),
    release: async (tenantId, connection, holder) => {
      await database
        .inTenant(tenantId)
        .db.deleteFrom('connection_leases')
        .where('connection', '=', connection)
        .where('holder', '=', holder)
        .execute();
    },
  };
}
