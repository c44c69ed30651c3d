/** Which status of one side is held on the other: the default mapping every tenant starts with, both ways. */
import type { Hold, Status } from './presence.ts';

/**
 * Calls and meetings make the other side busy, do-not-disturb carries over, and whatever is weaker releases
 * what we hold. Unknown values release too: nobody is left stuck on Busy by a value we cannot read.
 */
const defaultMapping: Record<Status, Hold | null> = {
  available: null,
  away: null,
  offline: null,
  unknown: null,
  busy: 'busy',
  inMeeting: 'busy',
  inCall: 'busy',
  doNotDisturb: 'doNotDisturb',
};

/** What a person's own status on one side asks to be held on the other. */
export function wantedHold(status: Status): Hold | null {
  return defaultMapping[status];
}
