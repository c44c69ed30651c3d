/** What an orchestration has begun and not seen the end of. */
import { attemptOf } from './attempts.ts';
import type { ProbeRun } from './executor-probe.ts';
import { indexHistory } from './history.ts';
import type { HistoryEvent } from './history.ts';

/** Ids of activities, sub-orchestrations and timers that were begun and not answered: an instance does not end before them. */
export function openWork(history: readonly HistoryEvent[], run: ProbeRun): number[] {
  return [...indexHistory(history).open].filter((id) => !isCancelled(run, id));
}

/** Ids of timers that the app cancelled. */
export function cancelledTimers(history: readonly HistoryEvent[], run: ProbeRun): number[] {
  return [...indexHistory(history).open].filter((id) => isCancelled(run, id));
}

function isCancelled(run: ProbeRun, id: number): boolean {
  const task = run.tasks.get(id);
  const place = task && attemptOf(task);
  return place?.kind === 'work' && place.isCancelled();
}
