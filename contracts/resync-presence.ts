/** Reading presence from the vendors where notifications may have been missed or say too little. */
import { z } from 'zod';
import { sideSchema } from '../domain/presence.ts';
import { activityContract, patientRetry } from './durable.ts';
import { afterSchema, pageSchema, shardSchema, tenantIdSchema, userIdSchema } from './identities.ts';

const instant = z.iso.datetime({ offset: true });

/** Graph reads at most this many people at once (cloudCommunications: getPresencesByUserId). */
export const graphReadLimit = 650;

export const resyncPresenceName = 'resyncPresence';
export const resyncPresenceSchema = z.object({
  tenantId: tenantIdSchema,
  side: sideSchema,
  /** Only these people, in Teams. */
  userIds: z.array(userIdSchema).max(graphReadLimit).optional(),
  /** Only this shard, in Teams. */
  shard: shardSchema.optional(),
  /** Only those of them of whom Teams has said nothing since we let go of them. */
  unheard: z.boolean().optional(),
  notBefore: instant.optional(),
  /** When the read was asked for: one that has not begun gives way to one that was asked for after it. */
  asked: instant.optional(),
  /** Where a generation goes on that the one before has begun; in Teams a page begins after a person. */
  page: pageSchema.default(0),
  after: afterSchema,
});

/**
 * How a read ended: done, with the next page where there is one (in Teams it begins `after` a person), after a pause where the
 * vendor's limit wants one; not begun, because a newer one will do it all; the vendor asks to wait; or there is no way.
 */
const readOutcomeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('read'),
    next: z.int().optional(),
    after: userIdSchema.optional(),
    pauseSeconds: z.number().positive().optional(),
  }),
  z.object({ kind: z.literal('overtaken') }),
  z.object({ kind: z.literal('wait'), seconds: z.number().nonnegative() }),
  z.object({ kind: z.literal('gaveUp'), code: z.string() }),
  z.object({ kind: z.literal('reconnectRequired'), code: z.string() }),
]);
export type ReadOutcome = z.infer<typeof readOutcomeSchema>;

/** The resync that a page belongs to: its instance id. */
const readingSchema = z.string();

/** Reads one page of people from Teams and tells each `userPresence` what it shows. */
export const observeTeamsPresence = activityContract({
  name: 'observeTeamsPresence',
  input: z.object({
    tenantId: tenantIdSchema,
    page: pageSchema,
    after: afterSchema,
    shard: shardSchema.optional(),
    userIds: z.array(userIdSchema).max(graphReadLimit).optional(),
    unheard: z.boolean().optional(),
    asked: instant.optional(),
    reading: readingSchema,
  }),
  output: readOutcomeSchema,
  retry: patientRetry,
});

/** Reads one page of extensions from RingCentral and tells each `userPresence` what it shows. */
export const observeRingCentralPresence = activityContract({
  name: 'observeRingCentralPresence',
  input: z.object({
    tenantId: tenantIdSchema,
    page: pageSchema,
    asked: instant.optional(),
    reading: readingSchema,
  }),
  output: readOutcomeSchema,
  retry: patientRetry,
});
