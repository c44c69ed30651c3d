/** The customers. */
import { fitting, readRow, type Database } from './database.ts';

export interface TenantRow {
  tenantId: string;
  microsoftTenantId: string;
  ringCentralAccountId: string;
}

export interface Tenants {
  /** Adds a tenant, or does nothing when it is there. */
  add(tenant: TenantRow, at: Date): Promise<void>;
  find(tenantId: string): Promise<TenantRow | undefined>;
  /** The ids of all tenants. */
  ids(): Promise<string[]>;
}

export function makeTenants(database: Database): Tenants {
  return {
    add: ({ tenantId, microsoftTenantId, ringCentralAccountId }, at) =>
      database.inTenant(tenantId).together(async ({ db }) => {
        const there = await db.selectFrom('tenants').select('created_at').forUpdate().executeTakeFirst();
        if (there !== undefined) return;
        const row = fitting('tenants', {
          microsoft_tenant_id: microsoftTenantId.toLowerCase(),
          ring_central_account_id: ringCentralAccountId,
          created_at: at.toISOString(),
        });
        await db.insertInto('tenants').values(row).execute();
      }),
    find: async (tenantId) => {
      const scope = database.inTenant(tenantId);
      const found = await scope.db.selectFrom('tenants').selectAll().executeTakeFirst();
      if (found === undefined) return undefined;
      const row = readRow('tenants', found);
      return {
        tenantId: scope.tenantId,
        microsoftTenantId: row.microsoft_tenant_id,
        ringCentralAccountId: row.ring_central_account_id,
      };
    },
    ids: async () => {
      const rows = await database.common
        .selectFrom('tenants')
        .select('tenant_id')
        .orderBy('tenant_id')
        .execute();
      return rows.map((row) => row.tenant_id);
    },
  };
}
