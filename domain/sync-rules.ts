/** What a company, and within it a person, wants to be carried from one side to the other: settings, and their defaults. */
import { z } from 'zod';
import { statusSchema, type Status } from './presence.ts';

const directionSchema = z.enum(['both', 'teamsToRingCentral', 'ringCentralToTeams', 'none']);

/** What a status on one side does to the other: hold something, let go of what we hold, or leave all as it is. */
export const cellSchema = z.enum(['busy', 'doNotDisturb', 'release', 'noChange']);
export type Cell = z.infer<typeof cellSchema>;

/** A status that the company does not name keeps its default. */
const mappingSchema = z.partialRecord(statusSchema, cellSchema);

/** What do-not-disturb that we hold in RingCentral does to calls. */
const dndPolicySchema = z.enum(['blockAllCalls', 'blockQueueCalls', 'showOnly']);

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as 18:30');
const weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']);
const timeZone = z
  .string()
  .max(64)
  .refine((zone) => isTimeZone(zone), 'a time zone of the IANA database, such as Europe/Berlin');

export const quietHoursSchema = z
  .strictObject({
    timeZone,
    /** Weekdays on which nothing is held all day long. */
    days: z.array(weekday).max(7).default([]),
    /** On the other days nothing is held from `from` on until `to`, which may be on the next day. */
    from: timeOfDay.optional(),
    to: timeOfDay.optional(),
  })
  .refine(({ from, to }) => (from === undefined) === (to === undefined), {
    path: ['to'],
    message: 'from and to come together',
  });
export type QuietHours = z.infer<typeof quietHoursSchema>;

export const syncRulesSchema = z.strictObject({
  direction: directionSchema.default('both'),
  /** What a status in RingCentral does in Teams. */
  toTeams: mappingSchema.default({}),
  /** What a status in Teams does in RingCentral. */
  toRingCentral: mappingSchema.default({}),
  dndPolicy: dndPolicySchema.default('blockAllCalls'),
  /** A call is held over what a person has chosen by hand, but never over Offline; otherwise only over Available and Away. */
  callsOutrankManual: z.boolean().default(true),
  /** A phone that rings this long counts as a call; never, where null. */
  ringingCountsAfterSeconds: z.int().min(1).max(120).nullable().default(null),
  /** How long what a call has led to is held after its end. */
  wrapUpSeconds: z.int().min(0).max(900).default(0),
  /** Inactivity tells nothing: the status before it goes on to count. */
  ignoreInactivity: z.boolean().default(true),
  quietHours: quietHoursSchema.nullable().default(null),
});
/** The rules of a company. */
export type SyncRules = z.infer<typeof syncRulesSchema>;

export const ruleExceptionSchema = z.strictObject({
  direction: directionSchema.optional(),
  dndPolicy: dndPolicySchema.optional(),
  callsOutrankManual: z.boolean().optional(),
  wrapUpSeconds: syncRulesSchema.shape.wrapUpSeconds.unwrap().optional(),
  /** Their calls are never blocked, whatever the policy says: do-not-disturb only shows. */
  neverBlockCalls: z.boolean().optional(),
  /** Quiet hours do not apply to them. */
  ignoresQuietHours: z.boolean().optional(),
});
/** What is otherwise for one person. */
export type RuleException = z.infer<typeof ruleExceptionSchema>;

export const defaultRules: SyncRules = syncRulesSchema.parse({});

/**
 * What experts would choose: calls and meetings make the other side busy, do-not-disturb carries over, and whatever is weaker
 * releases what we hold. Unknown values release too: nobody is left stuck on Busy by a value we cannot read.
 */
export const defaultMapping: Record<Status, Cell> = {
  available: 'release',
  away: 'release',
  offline: 'release',
  outOfOffice: 'release',
  unknown: 'release',
  busy: 'busy',
  inMeeting: 'busy',
  inCall: 'busy',
  doNotDisturb: 'doNotDisturb',
};

/** The rules for one person: the company's, with their exceptions. */
export function rulesFor(rules: SyncRules, exception: RuleException | undefined): SyncRules {
  if (exception === undefined) return rules;
  const { neverBlockCalls, ignoresQuietHours, ...others } = exception;
  const stated = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return {
    ...rules,
    ...stated,
    ...(neverBlockCalls === true && { dndPolicy: 'showOnly' }),
    ...(ignoresQuietHours === true && { quietHours: null }),
  };
}

/** Asking for one is slow, and there are only some hundred. */
const knownTimeZones = new Set<string>();

function isTimeZone(zone: string): boolean {
  if (knownTimeZones.has(zone)) return true;
  try {
    if (new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone.length === 0)
      return false;
  } catch {
    return false;
  }
  knownTimeZones.add(zone);
  return true;
}
