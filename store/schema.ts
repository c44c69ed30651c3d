/** The tables, as Kysely's types. Times are ISO-8601 UTC texts. */

export interface Schema {
  tenants: {
    tenant_id: string;
    microsoft_tenant_id: string;
    ring_central_account_id: string;
    created_at: string;
  };
  mappings: {
    tenant_id: string;
    /** The Entra object id. */
    user_id: string;
    extension_id: string;
    /** Which of the tenant's service users reads this person's presence, from 0. */
    shard: number;
  };
  vendor_subscriptions: {
    tenant_id: string;
    vendor: 'graph' | 'ringCentral';
    shard: number;
    subscription_id: string;
    /** Stands for all that the subscription was made with: another one means that it has to be made anew. */
    fingerprint: string;
    expires_at: string;
    /** When it was last made, renewed or reauthorized. */
    renewed_at: string;
    /** What the vendor has said about it since, that has not been seen to yet. */
    attention: 'reauthorize' | 'missed' | 'removed' | null;
  };
  delivery_attempts: {
    tenant_id: string;
    side: string;
    /** Whom the write addresses: an Entra object id, or a RingCentral extension id. */
    target_id: string;
    /** The wish last sent towards the vendor; its outcome may be unknown. */
    revision: number;
  };
  connection_leases: {
    tenant_id: string;
    /** `graph-<shard>` or `ringcentral`. */
    connection: string;
    /** The worker that may refresh the connection until then. */
    holder: string;
    expires_at: string;
  };
}
