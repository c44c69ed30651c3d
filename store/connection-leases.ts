/** Which worker may refresh which connection, and until when. One statement decides, so two workers cannot both be told yes. */
import type { Kysely } from 'kysely';
import type { ConnectionLeases } from '../domain/connection-lease.ts';
import type { Schema } from './schema.ts';

export function makeConnectionLeases(db: Kysely<Schema>): ConnectionLeases {
  return {
    acquire: async (tenantId, connection, holder, { now, seconds }) => {
      const expiresAt = new Date(now.getTime() + seconds * 1000).toISOString();
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('connection_leases')
        .values({ tenant_id: tenantId, connection, holder, expires_at: expiresAt })
        .onConflict((conflict) =>
          conflict
            .columns(['tenant_id', 'connection'])
            .doUpdateSet({ holder, expires_at: expiresAt })
            .where((expression) =>
              expression.or([
                expression('connection_leases.holder', '=', holder),
                expression('connection_leases.expires_at', '<=', now.toISOString()),
              ]),
            ),
        )
        .executeTakeFirstOrThrow();
      return (numInsertedOrUpdatedRows ?? 0n) > 0n;
    },
    release: async (tenantId, connection, holder) => {
      await db
        .deleteFrom('connection_leases')
        .where('tenant_id', '=', tenantId)
        .where('connection', '=', connection)
        .where('holder', '=', holder)
        .execute();
    },
  };
}
