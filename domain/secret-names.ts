/** What the key vault's secrets are called: every kind of secret the product keeps has its name from here. */

/** The grant of a shard's service user at Microsoft. */
export const graphGrantName = (tenantId: string, shard: number): string => `graph-${tenantId}-${shard}`;
/** The grant of a tenant's administrator at RingCentral. */
export const ringCentralGrantName = (tenantId: string): string => `ringcentral-${tenantId}`;
/** The key under which a tenant and its people appear in telemetry. */
export const pseudonymKeyName = (tenantId: string): string => `pseudonym-${tenantId}`;
