/** What may be said to the entity `userPresence`. */
import { z } from 'zod';
import { holdSchema, sideSchema } from '../domain/presence.ts';
import { originSchema } from '../domain/observation-order.ts';
import { ringCentralReportSchema, type RingCentralReport } from '../domain/ring-central-presence.ts';
import { syncRulesSchema } from '../domain/sync-rules.ts';
import { teamsReportSchema } from '../domain/teams-presence.ts';

const instant = z.iso.datetime({ offset: true });

/** Of what is said of the service, the newest version counts. Who says none was there before versions were. */
const versionSchema = z.int().positive();
/** The rules for one person, exceptions included; of several the newest version counts. */
const statedRulesSchema = z.object({ rules: syncRulesSchema, version: z.int().nonnegative() });
const enrolSchema = z.object({
  extensionId: z.string().min(1).max(64),
  version: versionSchema.default(1),
  /** Without them the rules that are known stay, or else the defaults. */
  rules: statedRulesSchema.optional(),
  at: instant,
});
const observeTeamsSchema = z.object({ report: teamsReportSchema, origin: originSchema, at: instant });
const observeRingCentralSchema = z.object({
  report: ringCentralReportSchema,
  origin: originSchema,
  at: instant,
});
const settleSchema = z.object({
  side: sideSchema,
  answer: z.intersection(
    z.object({ revision: z.int(), hold: holdSchema.nullable() }),
    z.discriminatedUnion('outcome', [
      z.object({ outcome: z.literal('done') }),
      z.object({ outcome: z.literal('dropped') }),
      z.object({ outcome: z.literal('rejected'), code: z.string() }),
      z.object({ outcome: z.literal('abandoned') }),
    ]),
  ),
  at: instant,
});

/** The operations by name, each with what it takes. */
export const userPresenceOperationSchema = z.discriminatedUnion('operation', [
  z.object({ operation: z.literal('enrol'), input: enrolSchema }),
  z.object({ operation: z.literal('leave'), input: z.object({ version: versionSchema, at: instant }) }),
  /** Who has left is forgotten, once nothing of ours is under way any more or `atOnce`. */
  z.object({ operation: z.literal('depart'), input: z.object({ atOnce: z.boolean(), at: instant }) }),
  z.object({ operation: z.literal('observeTeams'), input: observeTeamsSchema }),
  z.object({ operation: z.literal('observeRingCentral'), input: observeRingCentralSchema }),
  z.object({ operation: z.literal('settle'), input: settleSchema }),
  /** What we hold for them in Teams is about to run out there. */
  z.object({ operation: z.literal('renew'), input: z.object({ at: instant }) }),
  z.object({ operation: z.literal('applyRules'), input: statedRulesSchema.extend({ at: instant }) }),
  /** Time has passed that the rules depend on: quiet hours begin or end. */
  z.object({ operation: z.literal('reconsider'), input: z.object({ at: instant }) }),
  /** Its tenant is erased. */
  z.object({ operation: z.literal('forget'), input: z.unknown() }),
]);
export type UserPresenceOperation = z.infer<typeof userPresenceOperationSchema>;

/** Of all that RingCentral says about a person, only what the rules use is kept. */
export function toRingCentralReport(said: RingCentralReport): RingCentralReport {
  return ringCentralReportSchema.parse(said);
}
