/** One customer's state as the durable side knows it: whether it is served, and how its two connections are. */
import { z } from 'zod';
import { sideSchema, type Side } from './presence.ts';

const instant = z.iso.datetime({ offset: true });

const connectionSchema = z.object({
  health: z.enum(['unknown', 'connected', 'reconnectRequired']),
  /** The vendor's error code where a reconnect is required. */
  code: z.string().optional(),
  since: instant.optional(),
  /** When the vendor's subscription was last found to stand and to tell nothing; it was made anew then. */
  silentAt: instant.optional(),
});
type Connection = z.infer<typeof connectionSchema>;

export const tenantSchema = z.object({
  version: z.literal(1),
  status: z.enum(['active', 'stopped']),
  /** The newest version of the subscription that has begun or ended the service. */
  serviceVersion: z.int().nonnegative().default(0),
  seats: z.int().nonnegative(),
  connections: z.record(sideSchema, connectionSchema),
});
export type Tenant = z.infer<typeof tenantSchema>;

/** A customer that has just been taken on with so many seats. */
export function newTenant(seats: number): Tenant {
  return {
    version: 1,
    status: 'active',
    serviceVersion: 0,
    seats,
    connections: { teams: { health: 'unknown' }, ringCentral: { health: 'unknown' } },
  };
}

/** The service begins with this version of the subscription, or goes on with other seats; late news changes nothing. */
export function activate(
  tenant: Tenant | undefined,
  { seats, version }: { seats: number; version: number },
): Tenant | undefined {
  const known = tenant ?? newTenant(seats);
  const isEnded = known.status === 'stopped' && version === known.serviceVersion;
  if (version < known.serviceVersion || isEnded) return tenant;
  return { ...known, status: 'active', serviceVersion: version, seats };
}

/** The service has ended with this version of the subscription; late news changes nothing. */
export function stop(tenant: Tenant | undefined, version: number): Tenant | undefined {
  const known = tenant ?? newTenant(0);
  if (version < known.serviceVersion) return tenant;
  return { ...known, status: 'stopped', serviceVersion: version };
}

/**
 * Notes how a connection is at the instant `at`. `reconnected` is true when a connection that needed the customer
 * works again, so that what was held back may go on.
 */
export function noteConnection(
  tenant: Tenant,
  side: Side,
  connection: { health: 'connected' | 'reconnectRequired'; code?: string | undefined },
  at: string,
): { tenant: Tenant; reconnected: boolean } {
  const before = tenant.connections[side];
  if (before.health === connection.health && before.code === connection.code) {
    return { tenant, reconnected: false };
  }
  const after: Connection = {
    health: connection.health,
    // Another code for the same trouble is no new trouble.
    since: before.health === connection.health ? (before.since ?? at) : at,
    ...(connection.code === undefined ? {} : { code: connection.code }),
    ...(before.silentAt === undefined ? {} : { silentAt: before.silentAt }),
  };
  return {
    tenant: { ...tenant, connections: { ...tenant.connections, [side]: after } },
    reconnected: before.health === 'reconnectRequired' && connection.health === 'connected',
  };
}

/** Notes that the vendor's subscription was found to stand and to tell nothing, at the instant `at`. */
export function noteSilence(tenant: Tenant, side: Side, at: string): Tenant {
  const { connections } = tenant;
  const { silentAt } = connections[side];
  if (silentAt !== undefined && silentAt >= at) return tenant;
  return { ...tenant, connections: { ...connections, [side]: { ...connections[side], silentAt: at } } };
}
