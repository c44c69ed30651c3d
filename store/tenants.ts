/** The customers. */
import type { Kysely, Selectable } from 'kysely';
import type { Schema } from './schema.ts';

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

export function makeTenants(db: Kysely<Schema>): Tenants {
  return {
    add: async (tenant, at) => {
      await db
        .insertInto('tenants')
        .values({
          tenant_id: tenant.tenantId,
          microsoft_tenant_id: tenant.microsoftTenantId.toLowerCase(),
          ring_central_account_id: tenant.ringCentralAccountId,
          created_at: at.toISOString(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    find: async (tenantId) => {
      const row = await db
        .selectFrom('tenants')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .executeTakeFirst();
      return row === undefined ? undefined : toTenant(row);
    },
    ids: async () => {
      const rows = await db.selectFrom('tenants').select('tenant_id').orderBy('tenant_id').execute();
      return rows.map((row) => row.tenant_id);
    },
  };
}

function toTenant(row: Selectable<Schema['tenants']>): TenantRow {
  return {
    tenantId: row.tenant_id,
    microsoftTenantId: row.microsoft_tenant_id,
    ringCentralAccountId: row.ring_central_account_id,
  };
}
