/** What an orchestration has begun and not seen the end of. */
import { attemptOf } from './attempts.ts';
import type { ProbeRun } from './executor-probe.ts';
import { eventType, indexHistory } from './history.ts';
import type { HistoryEvent } from './history.ts';

/** Ids of activities, sub-orchestrations and timers that were begun and not answered: an instance does not end before them. */
export function openWork(history: readonly HistoryEvent[], run: ProbeRun): number[] {
  const { decided, answered } = indexHistory(history);
  const cancelled = new Set(cancelledTimers(run));
  return [...decided]
    .filter(
      ([id, event]) => event.EventType !== eventType.eventSent && !answered.has(id) && !cancelled.has(id),
    )
    .map(([id]) => id);
}

/** Ids of timers that the app cancelled. */
export function cancelledTimers(run: ProbeRun): number[] {
  const ids: number[] = [];
  for (const [id, task] of run.tasks) {
    const place = attemptOf(task);
    if (place.kind === 'work' && place.isCancelled()) ids.push(id);
  }
  return ids;
}
