/** Takes the failures out of a failed orchestration's history, so that it goes on from where it failed (DurableTask.Core). */
import { eventType } from './history.ts';
import type { HistoryEvent } from './history.ts';

export interface Rewound {
  readonly history: HistoryEvent[];
  /** Instance ids of the sub-orchestrations that had failed. */
  readonly failedChildren: readonly string[];
}

/**
 * Failed activities and their requests, failures of children and the failed end become tombstones; the replay then asks
 * for the same work again under the same ids.
 * @param isChild whether there is a failed instance of that id that can be rewound too; where not, it is started anew
 */
export function rewindHistory(
  history: readonly HistoryEvent[],
  isChild: (instanceId: string) => boolean,
): Rewound {
  const failures = new Set<number>();
  for (const event of history) {
    const isFailure =
      event.EventType === eventType.taskFailed || event.EventType === eventType.subOrchestrationFailed;
    if (isFailure && event.TaskScheduledId !== undefined) failures.add(event.TaskScheduledId);
  }
  const failedChildren: string[] = [];
  const rewound = history.map((event) => {
    if (event.EventType === eventType.subOrchestrationCreated && failures.has(event.EventId)) {
      const child = event.InstanceId ?? '';
      if (!isChild(child)) return tombstone(event);
      failedChildren.push(child);
      return event;
    }
    return isUndone(event, failures) ? tombstone(event) : event;
  });
  return { history: rewound, failedChildren };
}

function isUndone(event: HistoryEvent, failures: ReadonlySet<number>): boolean {
  switch (event.EventType) {
    case eventType.taskScheduled:
      return failures.has(event.EventId);
    case eventType.taskFailed:
    case eventType.subOrchestrationFailed:
      return true;
    case eventType.executionCompleted:
      return event.OrchestrationStatus === 'Failed';
    default:
      return false;
  }
}

function tombstone({ IsPlayed, Timestamp }: HistoryEvent): HistoryEvent {
  return { EventType: eventType.genericEvent, EventId: -1, IsPlayed, Timestamp };
}
