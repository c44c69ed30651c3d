/** What stands behind an id: the work itself, an attempt at it, or the timer between two attempts. */
import { retryTimeIsUp, retryTimerDueAt } from './retry.ts';
import { timeOf } from './history.ts';
import type { HistoryIndex } from './history.ts';
import { actionType } from './action-types.ts';
import type { SdkAction, SdkTask } from './executor-probe.ts';
import { isPausing, pollAction } from './http-polling.ts';

export type AttemptPlace =
  /** A request of `callHttp` whose time has not come. */
  | { readonly kind: 'later' }
  | { readonly kind: 'retryTimer'; dueAt(now: number): number }
  | {
      readonly kind: 'work';
      readonly action: SdkAction;
      /** The id of the attempt before, if this is a further one. */
      readonly previousId: number | undefined;
      isCancelled(): boolean;
      /** Whether this attempt comes after the time allowed for all of them. */
      timeIsUp(context: { readonly index: HistoryIndex; readonly now: number }): boolean;
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
  if (position % 2 === 1) {
    return { kind: 'retryTimer', dueAt: (now) => retryTimerDueAt(options, (position + 1) / 2, now) };
  }
  return {
    kind: 'work',
    action: actionObj,
    previousId: idOf(children[position - 2]),
    isCancelled: () => false,
    timeIsUp: ({ index, now }) => {
      const first = index.decided.get(idOf(children[0]) ?? -1);
      return position > 0 && first !== undefined && retryTimeIsUp(options, timeOf(first), now);
    },
  };
}

function plainWork(task: SdkTask): AttemptPlace {
  const { actionObj, parent } = task;
  if (actionObj === 'noOp') throw new Error('The SDK waits for a task that asks for nothing.');
  const polls = isPoll(actionObj, parent?.actionObj) ? (parent?.children ?? []) : [];
  const position = polls.indexOf(task);
  if (isPausing(polls, position)) return { kind: 'later' };
  return {
    kind: 'work',
    action: pollAction(actionObj, polls, position),
    previousId: undefined,
    // A long timer is a chain of short ones under a parent, and it is the parent that the app cancels.
    isCancelled: () => actionObj.isCanceled === true || isCancelledTimer(parent?.actionObj),
    timeIsUp: () => false,
  };
}

function isPoll(action: SdkAction, parent: SdkAction | 'noOp' | undefined): boolean {
  const isHttp = action.actionType === actionType.callHttp;
  return isHttp && typeof parent === 'object' && parent.actionType === actionType.callHttp;
}

function isCancelledTimer(action: SdkAction | 'noOp' | undefined): boolean {
  return typeof action === 'object' && action.isCanceled === true;
}

function idOf(task: SdkTask | undefined): number | undefined {
  return typeof task?.id === 'number' ? task.id : undefined;
}
