/** What may be said to the entity `tenant`. */
import { z } from 'zod';
import { sideSchema } from '../domain/presence.ts';

const instant = z.iso.datetime({ offset: true });

/** Of the subscription: what is older than the newest known is late. */
const versionSchema = z.int().positive();

/** The operations by name, each with what it takes. */
export const tenantOperationSchema = z.discriminatedUnion('operation', [
  z.object({ operation: z.literal('read'), input: z.undefined().or(z.null()).or(z.literal('')) }),
  z.object({
    operation: z.literal('activate'),
    input: z.object({ seats: z.int().nonnegative(), version: versionSchema.default(1) }),
  }),
  z.object({ operation: z.literal('stop'), input: z.object({ version: versionSchema }) }),
  z.object({
    operation: z.literal('noteConnection'),
    input: z.object({
      side: sideSchema,
      health: z.enum(['connected', 'reconnectRequired']),
      code: z.string().max(100).optional(),
      at: instant,
    }),
  }),
  /** A side's subscription stood and told nothing. */
  z.object({ operation: z.literal('noteSilence'), input: z.object({ side: sideSchema, at: instant }) }),
  /** Its tenant is erased. */
  z.object({ operation: z.literal('forget'), input: z.unknown() }),
]);
