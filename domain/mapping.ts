/** Which status of one side is held on the other. */
import type { Hold, Status } from './presence.ts';
import { defaultMapping } from './sync-rules.ts';

/** What a person's own status on one side asks to be held on the other, by the default mapping. */
export function wantedHold(status: Status): Hold | null {
  const cell = defaultMapping[status];
  return cell === 'busy' || cell === 'doNotDisturb' ? cell : null;
}
