/** What is kept of one person: what both sides have told, what we hold there, by which rules, and what has lately happened. */
import { z } from 'zod';
import { emptyLedger, ledgerSchema } from './hold.ts';
import { journalSchema, reasonSchema } from './journal.ts';
import { noReportsYet, orderSchema } from './observation-order.ts';
import { holdSchema, statusSchema, type Hold, type Urgency } from './presence.ts';
import { ringCentralReportSchema, type RingCentralWrite } from './ring-central-presence.ts';
import { defaultRules, syncRulesSchema } from './sync-rules.ts';
import { teamsReportSchema, type TeamsWrite } from './teams-presence.ts';

const instant = z.iso.datetime({ offset: true });

/** Why a side is to hold something, or nothing: the status on the other side, and the rules, since when. */
const becauseSchema = z.object({
  hold: holdSchema.nullable(),
  from: statusSchema,
  reasons: z.array(reasonSchema),
  since: instant,
});
export type Because = z.infer<typeof becauseSchema>;

const sideShape = {
  ledger: ledgerSchema,
  because: becauseSchema.optional(),
  /** When the side last told of the person, and how. */
  told: z.object({ at: instant, by: z.enum(['notification', 'read']) }).optional(),
  /** When a call of the person's own there was last seen to have ended. */
  callEndedAt: instant.optional(),
};

export const userPresenceSchema = z.object({
  version: z.literal(1),
  extensionId: z.string(),
  /**
   * The newest version of the subscription that we were told of, whether the service has ended for the person, and when we
   * were told: a seat may be lost and given back within a version.
   */
  service: z
    .object({ version: z.int(), left: z.boolean(), since: z.string().optional() })
    .default({ version: 0, left: false }),
  /** What the person's company wants for them, exceptions included, and the newest version of it that we were told of. */
  rules: syncRulesSchema.default(defaultRules),
  rulesVersion: z.int().default(0),
  /** The latest instant at which was decided: a report that comes late does not bring quiet hours back. */
  decidedAt: instant.optional(),
  teams: z.object({
    ...sideShape,
    shown: teamsReportSchema.optional(),
    /** What the person does in Teams, our own session left out. */
    own: statusSchema,
    /** They appear offline there because they have chosen so. */
    invisible: z.boolean().default(false),
    order: orderSchema,
  }),
  ringCentral: z.object({
    ...sideShape,
    /** What RingCentral last reported, merged over its partial events. */
    shown: ringCentralReportSchema,
    /** The same with the person's own values where we hold something: what stood there before, to be put back. */
    own: ringCentralReportSchema,
    order: orderSchema,
    /** The order of what was said about calls, which only some events speak of. */
    callOrder: orderSchema,
    /** Since when the phone rings. */
    ringingSince: instant.optional(),
    /** RingCentral has refused to turn off this person's queue calls. */
    queueRefused: z.boolean().default(false),
  }),
  journal: journalSchema.default([]),
});
export type UserPresence = z.infer<typeof userPresenceSchema>;

/** A write that should reach one side. */
export type Wish = {
  revision: number;
  /** What the side holds for us once it is written. */
  hold: Hold | null;
  /** What the side holds for us as long as nothing is written. */
  baseline: Hold | null;
  /** `baseline` can be relied on: every earlier wish has been answered, and none has an unknown fate. */
  certain: boolean;
  urgency: Urgency;
  /** When we were told of what asks for the write. */
  since: string;
  /** Not to be written before: what asks for it may be over by then. */
  notBefore?: string;
} & ({ side: 'teams'; write: TeamsWrite } | { side: 'ringCentral'; write: RingCentralWrite });

export interface Decision {
  state: UserPresence;
  wishes: Wish[];
}

/** A person we have just begun to look after: nothing seen, nothing held. */
export function newUserPresence(extensionId: string): UserPresence {
  return {
    version: 1,
    extensionId,
    service: { version: 0, left: false },
    rules: defaultRules,
    rulesVersion: 0,
    teams: { own: 'unknown', invisible: false, order: noReportsYet, ledger: emptyLedger },
    ringCentral: {
      shown: {},
      own: {},
      order: noReportsYet,
      callOrder: noReportsYet,
      queueRefused: false,
      ledger: emptyLedger,
    },
    journal: [],
  };
}

/** RingCentral has told of the person since they were taken on; what is known from before only serves to put it back. */
export function isSeenInRingCentral({ ringCentral }: UserPresence): boolean {
  return Object.keys(ringCentral.shown).length > 0;
}
