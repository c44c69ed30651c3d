/** Decides whether a report about a person is news: not a replay, not older than what is known. */
import { z } from 'zod';

const instant = z.iso.datetime({ offset: true });

export const originSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('notification'),
    /** Identifies this very notification, so that a copy of it is recognised; opaque. */
    id: z.string().min(1).max(128),
    /** The vendor's per-person counter, as a number (RingCentral) or a sortable text (Graph). */
    sequence: z.union([z.number(), z.string().max(100)]).optional(),
    /** When the vendor says it happened. */
    vendorTime: instant.optional(),
  }),
  z.object({
    kind: z.literal('read'),
    /** The counter of what was read, where the vendor tells it. */
    sequence: z.union([z.number(), z.string().max(100)]).optional(),
  }),
]);
/** How a report reached us. */
export type Origin = z.infer<typeof originSchema>;

export const orderSchema = z.object({
  recentIds: z.array(z.string()),
  sequence: z.union([z.number(), z.string()]).optional(),
  vendorTime: instant.optional(),
  seenAt: instant.optional(),
  /** When a notification was last taken in. */
  toldAt: instant.optional(),
});
/** What is remembered of earlier reports of one side, bounded. */
export type Order = z.infer<typeof orderSchema>;

const rememberedIds = 16;

export const noReportsYet: Order = { recentIds: [] };

/**
 * The memory after this report, or undefined when the report is to be ignored. `at` is our own time of receipt
 * or, for a read, the time before the read was sent, so that a change notified meanwhile wins over it.
 */
export function acceptReport(order: Order, origin: Origin, at: string): Order | undefined {
  if (origin.kind === 'read') {
    if (order.seenAt !== undefined && at < order.seenAt) return undefined;
    // Vendors restart their counters; a read settles where they stand.
    return {
      recentIds: order.recentIds,
      seenAt: at,
      ...pick('sequence', origin.sequence),
      ...pick('vendorTime', order.vendorTime),
      ...pick('toldAt', order.toldAt),
    };
  }
  if (order.recentIds.includes(origin.id) || isOlder(order, origin, at)) return undefined;
  return {
    recentIds: [origin.id, ...order.recentIds].slice(0, rememberedIds),
    seenAt: at,
    toldAt: at,
    ...pick('sequence', origin.sequence ?? order.sequence),
    ...pick('vendorTime', origin.vendorTime ?? order.vendorTime),
  };
}

/**
 * Vendors restart their counters and their clocks repeat a millisecond, so where both counter and time are
 * known a report is old only if neither speaks for it. Where neither is, our own time of receipt has to do: messages
 * between us may overtake each other.
 */
function isOlder(order: Order, origin: Origin & { kind: 'notification' }, at: string): boolean {
  const bySequence = compare(origin.sequence, order.sequence);
  const byTime = compare(origin.vendorTime, order.vendorTime);
  if (bySequence === undefined && byTime === undefined) return compare(at, order.seenAt) === -1;
  if (bySequence === undefined) return byTime === -1;
  if (byTime === undefined) return bySequence <= 0;
  return bySequence <= 0 && byTime <= 0;
}

function compare(a: number | string | undefined, b: number | string | undefined): -1 | 0 | 1 | undefined {
  if (a === undefined || b === undefined || typeof a !== typeof b) return undefined;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function pick<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
