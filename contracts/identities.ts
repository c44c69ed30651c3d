/** Every durable id is derived here, so that starting twice is harmless and a webhook is routed without a look-up. */
import { z } from 'zod';
import type { ErasedCategory } from '../domain/data-map/words.ts';
import { sideSchema, type Side } from '../domain/presence.ts';

/** The marketplace's subscription id; lower case, because it becomes part of durable ids. */
export const tenantIdSchema = z.guid().toLowerCase();
/** The Entra object id of a person. */
export const userIdSchema = z.guid().toLowerCase();
export const shardSchema = z.int().nonnegative();
/** Counts from 0. */
export const pageSchema = z.int().nonnegative();

/**
 * Where a page of a walk over people begins: after the person with this id, or with the first. What was begun when pages were
 * counted names none, and so walks again from the start: whom it tells twice hears nothing new.
 */
export const afterSchema = z.union([z.literal(''), userIdSchema]).default('');
/** Where the walk goes on after a page; nowhere after the last. An answer of when pages were counted is a number. */
export const nextAfterSchema = z.union([userIdSchema, pageSchema.transform(() => '')]).optional();

export const entityNames = {
  tenant: 'tenant',
  userPresence: 'userPresence',
  presenceOutbox: 'presenceOutbox',
} as const;

export const userPresenceKey = (tenantId: string, userId: string): string => `${tenantId}:${userId}`;
export const outboxKey = (tenantId: string, side: Side): string => `${tenantId}:${side}`;

export const deliveryId = (tenantId: string, side: Side, epoch: number): string =>
  `deliver:${tenantId}:${side}:${epoch}`;
/** The alarm for holds that run out in Teams. */
export const renewalId = (tenantId: string, alarm: number): string => `renewal:${tenantId}:${alarm}`;
export const graphKeeperId = (tenantId: string, shard: number): string => `graph:${tenantId}:${shard}`;
export const ringCentralKeeperId = (tenantId: string): string => `ringcentral:${tenantId}`;
/** The look whether a subscription tells of changes; RingCentral's is shard 0. */
export const probeId = (tenantId: string, side: Side, shard: number): string =>
  `probe:${tenantId}:${side}:${shard}`;
export const onboardingId = (tenantId: string): string => `onboarding:${tenantId}`;
/** Taking a tenant up again with what version of its subscription has changed. */
export const resumptionId = (tenantId: string, version: number): string =>
  `onboarding:${tenantId}:${version}`;
/** One webhook of the marketplace, whoever it is about. */
export const operationInstanceId = (operationId: string): string => `operation:${operationId}`;
/** Seeing to a purchase until it is active. */
export const activationId = (tenantId: string): string => `activation:${tenantId}`;
/** `entered` is the version of the subscription that brought the state. */
export const suspensionId = (tenantId: string, entered: number): string =>
  `suspension:${tenantId}:${entered}`;
export const cancellationId = (tenantId: string): string => `cancellation:${tenantId}`;
export const exitId = (tenantId: string, entered: number): string => `exit:${tenantId}:${entered}`;
export const erasureId = (tenantId: string, category: ErasedCategory): string =>
  `erasure:${tenantId}:${category}`;
/** The customer's wish for a copy: one at a time. */
export const exportId = (tenantId: string): string => `export:${tenantId}`;
/** Having a change of the rules hold for everybody, by the number of the change. */
export const rulesRunId = (tenantId: string, number: number): string => `rules:${tenantId}:${number}`;
/** Likewise for the one person whose exception was changed. */
export const exceptionRunId = (tenantId: string, number: number): string => `exception:${tenantId}:${number}`;
export const quietHoursId = (tenantId: string): string => `quiet:${tenantId}`;
/** A trial of rules, by the instant at which it was asked for. */
export const previewId = (tenantId: string, at: string): string => `preview:${tenantId}:${at}`;
/** One day's comparison with the marketplace's list; `day` as 2026-03-02. */
export const reconciliationId = (day: string): string => `reconcile:${day}`;
/** Reading a tenant's directories: one run at a time, besides what an onboarding reads for itself. */
export const directorySyncId = (tenantId: string): string => `directory:${tenantId}`;
export const onboardingDirectoryId = (tenantId: string, at: string): string => `directory:${tenantId}:${at}`;
/** Letting go of people who have left: one at a time. */
export const departuresId = (tenantId: string): string => `departures:${tenantId}`;
export const tendingId = (tenantId: string, at: string): string => `tending:${tenantId}:${at}`;
/** Each reason to read anew gets a read of its own, named by the instant: one already under way may be too early. */
export const resyncId = (tenantId: string, side: Side, at: string): string =>
  `resync:${tenantId}:${side}:${at}`;
/** Likewise for each notification that only says who changed. */
export const readId = (tenantId: string, unique: string): string => `read:${tenantId}:${unique}`;

/** Takes a `userPresence` key apart. Throws ZodError when it is none. */
export function parseUserPresenceKey(key: string): { tenantId: string; userId: string } {
  const [tenantId, userId] = key.split(':');
  return z.object({ tenantId: tenantIdSchema, userId: userIdSchema }).parse({ tenantId, userId });
}

/** Takes a `presenceOutbox` key apart. Throws ZodError when it is none. */
export function parseOutboxKey(key: string): { tenantId: string; side: Side } {
  const [tenantId, side] = key.split(':');
  return z.object({ tenantId: tenantIdSchema, side: sideSchema }).parse({ tenantId, side });
}
