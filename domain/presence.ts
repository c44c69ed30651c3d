/** The product's own small vocabulary of presence, shared by both sides. */
import { z } from 'zod';

export const sideSchema = z.enum(['teams', 'ringCentral']);
/** A system that shows and takes presence. */
export type Side = z.infer<typeof sideSchema>;

export const statusSchema = z.enum([
  'available',
  'away',
  'busy',
  'inMeeting',
  'inCall',
  'doNotDisturb',
  'offline',
  'outOfOffice',
  'unknown',
]);
/** What a person does by themselves on one side, our own writes left out. */
export type Status = z.infer<typeof statusSchema>;

export const holdSchema = z.enum(['busy', 'noQueueCalls', 'doNotDisturb']);
/**
 * What we hold on a side on behalf of the other side; everything weaker is left to the person. `noQueueCalls` is held in
 * RingCentral alone: it shows Busy there, and calls of call queues are not taken.
 */
export type Hold = z.infer<typeof holdSchema>;

const strengths: Record<Status, number> = {
  unknown: 0,
  offline: 0,
  outOfOffice: 0,
  away: 0,
  available: 0,
  busy: 1,
  inMeeting: 1,
  inCall: 1,
  doNotDisturb: 2,
};

/** How strongly a status asks not to be disturbed: 0 not at all, 1 busy, 2 do not disturb. */
export function strengthOf(status: Status): number {
  return strengths[status];
}

/** How strongly a hold asks not to be disturbed, on the scale of {@link strengthOf}; queue calls are half of all calls. */
export function strengthOfHold(hold: Hold | null): number {
  if (hold === null) return 0;
  return hold === 'noQueueCalls' ? 1.5 : strengths[hold];
}

/** What is put on a side for a hold, each to be seen there, and to be put back, by itself. */
export function partsOf(hold: Hold | null): Hold[] {
  if (hold === null) return [];
  return hold === 'noQueueCalls' ? ['busy', 'noQueueCalls'] : [hold];
}

export const urgencySchema = z.enum(['callEnd', 'doNotDisturb', 'callStart', 'rest']);
/** How much a write matters to those who look at the person or call them, the most urgent first. */
export type Urgency = z.infer<typeof urgencySchema>;

/**
 * What makes a write urgent: the status on the other side goes from one value to another, and so does what we hold here.
 */
export function urgencyOf(
  cause: { from: Status; to: Status },
  hold: { from: Hold | null; to: Hold | null },
): Urgency {
  if (hold.to === null && cause.from === 'inCall') return 'callEnd';
  if (strengthOfHold(hold.to) > 1 || strengthOfHold(hold.from) > 1) return 'doNotDisturb';
  return hold.to === 'busy' && cause.to === 'inCall' ? 'callStart' : 'rest';
}
