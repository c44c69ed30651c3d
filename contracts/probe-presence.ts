/** Looking now and then whether a subscription that stands still tells of changes. */
import { z } from 'zod';
import { probeSampleSize } from '../domain/probe.ts';
import { sideSchema } from '../domain/presence.ts';
import { activityContract, patientRetry } from './durable.ts';
import { pageSchema, shardSchema, tenantIdSchema, userIdSchema } from './identities.ts';

const instant = z.iso.datetime({ offset: true });
const turnSchema = z.int().nonnegative();
const suspectsSchema = z.object({
  userIds: z.array(userIdSchema).max(probeSampleSize),
  /** When they were read. */
  at: instant,
});

export const probePresenceName = 'probePresence';
export const probePresenceSchema = z.object({
  tenantId: tenantIdSchema,
  side: sideSchema,
  /** Of Graph's subscriptions; RingCentral has one, shard 0. */
  shard: shardSchema,
  /** Counts the looks, each of which is about other people. */
  turn: turnSchema.default(0),
  /** The page of RingCentral's account that the look is about. */
  page: pageSchema.default(0),
  /** How many looks in a row have found nothing. */
  quiet: z.int().nonnegative().default(0),
  /** When the look before began. */
  since: instant.optional(),
});

const probeInput = z.object({
  tenantId: tenantIdSchema,
  shard: shardSchema,
  turn: turnSchema,
  page: pageSchema,
  /** Whoever has been told of since then vouches for the subscription. */
  since: instant,
  /** Those who showed at the first read what was not told: to be read again. */
  suspects: suspectsSchema.optional(),
});

/** What a look came to; `next` is the page of the next one. */
const probedSchema = z.discriminatedUnion('kind', [
  /** The tenant is served no more. */
  z.object({ kind: z.literal('ended') }),
  z.object({ kind: z.literal('told') }),
  z.object({ kind: z.literal('quiet'), next: pageSchema }),
  z.object({ kind: z.literal('unread') }),
  z.object({ kind: z.literal('suspect'), suspects: suspectsSchema }),
  z.object({ kind: z.literal('silent') }),
]);
export type Probed = z.infer<typeof probedSchema>;

/** Looks after one shard's subscription at Graph. */
export const probeTeamsPresence = activityContract({
  name: 'probeTeamsPresence',
  input: probeInput,
  output: probedSchema,
  retry: patientRetry,
});

/** Looks after the subscription at RingCentral. */
export const probeRingCentralPresence = activityContract({
  name: 'probeRingCentralPresence',
  input: probeInput,
  output: probedSchema,
  retry: patientRetry,
});
