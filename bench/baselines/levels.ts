/** Both vendors' values by the default mapping, as the baselines have it too: they are to differ in how they work, not in what. */
import type { Status } from '../../domain/presence.ts';
import { readRingCentralStatus, type RingCentralReport } from '../../domain/ring-central-presence.ts';
import { defaultMapping } from '../../domain/sync-rules.ts';
import { readTeamsStatus } from '../../domain/teams-presence.ts';
import type { Level } from './vendor-desk.ts';

function levelOf(status: Status): Level {
  const cell = defaultMapping[status];
  return cell === 'busy' || cell === 'doNotDisturb' ? cell : 'free';
}

export function teamsLevel(presence: { availability: string; activity: string }): Level {
  return levelOf(readTeamsStatus(presence));
}

export function ringCentralLevel(presence: RingCentralReport): Level {
  return levelOf(readRingCentralStatus(presence));
}
