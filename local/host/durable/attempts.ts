/** What stands behind an id: the work itself, an attempt at it, or the timer between two attempts. */
import { retryTimeIsUp, retryTimerDueAt } from './retry.ts';
import { timeOf } from './history.ts';
import type { HistoryIndex } from './history.ts';
import { pollOf } from './http-poll.ts';
import type { Poll } from './http-poll.ts';
import type { SdkAction, SdkTask } from './executor-probe.ts';

export type AttemptPlace =
  | {
      readonly kind: 'retryTimer';
      readonly action: SdkAction;
      dueAt(now: number): number;
      /** Whether the time allowed for all attempts is over, so that none is left to wait for. */
      timeIsUp(context: { readonly index: HistoryIndex; readonly now: number }): boolean;
    }
  | {
      readonly kind: 'work';
      readonly action: SdkAction;
      /** The steps of a polling callHttp so far, if this is one of them. */
      readonly poll: Poll | undefined;
      isCancelled(): boolean;
    };

/**
 * A retried task has the children attempt, timer, attempt, timer, ...: all but the first attempt without an action of
 * their own. @throws when the SDK's task is of no kind this host knows.
 */
export function attemptOf(task: SdkTask): AttemptPlace {
  const options = task.parent?.retryOptions;
  if (!task.parent || !options) return plainWork(task);
  const { children, actionObj } = task.parent;
  const position = children.indexOf(task);
  if (actionObj === 'noOp' || position < 0) throw new Error('A retried task has lost its parent.');
  if (position % 2 === 0)
    return { kind: 'work', action: actionObj, poll: undefined, isCancelled: () => false };
  const failures = (position + 1) / 2;
  return {
    kind: 'retryTimer',
    action: actionObj,
    dueAt: (now) => retryTimerDueAt(options, failures, now),
    timeIsUp: ({ index, now }) => {
      const first = index.decided.get(idOf(children[0]) ?? -1);
      const isLast = failures >= options.maxNumberOfAttempts;
      return !isLast && first !== undefined && retryTimeIsUp(options, timeOf(first), now);
    },
  };
}

function plainWork(task: SdkTask): AttemptPlace {
  const { actionObj, parent } = task;
  if (actionObj === 'noOp') throw new Error('The SDK waits for a task that asks for nothing.');
  return {
    kind: 'work',
    action: actionObj,
    poll: pollOf(task),
    // A long timer is a chain of short ones under a parent, and it is the parent that the app cancels.
    isCancelled: () => actionObj.isCanceled === true || isCancelledTimer(parent?.actionObj),
  };
}

function isCancelledTimer(action: SdkAction | 'noOp' | undefined): boolean {
  return typeof action === 'object' && action.isCanceled === true;
}

function idOf(task: SdkTask | undefined): number | undefined {
  return typeof task?.id === 'number' ? task.id : undefined;
}
