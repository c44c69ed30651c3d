/** One customer's state as the durable side knows it: whether it is served, and how its two connections are. */
import { z } from 'zod';
import { sideSchema, type Side } from './presence.ts';

const instant = z.iso.datetime({ offset: true });

const connectionSchema = z.object({
  health: z.enum(['unknown', 'connected', 'reconnectRequired']),
  /** The vendor's error code where a reconnect is required. */
  code: z.string().optional(),
  since: instant.optional(),
});
type Connection = z.infer<typeof connectionSchema>;

export const tenantSchema = z.object({
  version: z.literal(1),
  status: z.literal('active'),
  seats: z.int().nonnegative(),
  connections: z.record(sideSchema, connectionSchema),
});
export type Tenant = z.infer<typeof tenantSchema>;

/** A customer that has just been taken on with so many seats. */
export function newTenant(seats: number): Tenant {
  return {
    version: 1,
    status: 'active',
    seats,
    connections: { teams: { health: 'unknown' }, ringCentral: { health: 'unknown' } },
  };
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
  };
  return {
    tenant: { ...tenant, connections: { ...tenant.connections, [side]: after } },
    reconnected: before.health === 'reconnectRequired' && connection.health === 'connected',
  };
}
