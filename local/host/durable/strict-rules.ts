/**
 * Where Azure's own behaviour is a known defect, loses something or hangs: what is wrong there, and what this host does
 * about it in its two modes. Strict, so that nobody ships code that only works here; lenient, to see what Azure does.
 */

export const modes = ['strict', 'lenient'] as const;

export type Mode = (typeof modes)[number];

export interface StrictRule {
  /** What the app did, and what comes of it in Azure. */
  readonly problem: string;
  /** Where this is known. */
  readonly citation: string;
  readonly strict: string;
  readonly lenient: string;
}

const fails = 'the orchestration fails at once';

export const strictRules = {
  'task-reused': {
    problem:
      'A task that is still pending was handed to Task.any or Task.all again. Azure runs its work once more and mixes up the results',
    citation: 'https://github.com/Azure/azure-functions-durable-js/issues/574',
    strict: `${fails}; for a timer, a warning, as long as no call or timer follows`,
    lenient: 'runs twice, and results go to the wrong tasks',
  },
  'retry-reawaited': {
    problem:
      'A retried call that is still pending was yielded again by itself. Azure loses count of its attempts and reports non-determinism',
    citation: 'https://github.com/Azure/azure-functions-durable-js/issues/574',
    strict: fails,
    lenient: 'works, which Azure only does when no attempt fails in between',
  },
  'finished-task': {
    problem:
      'Task.any or Task.all waits for tasks that had ended before it was made. The SDK does not look at those, and waits for ever',
    citation:
      'https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/task/CompoundTask.ts (handleCompletion)',
    strict: fails,
    lenient: 'waits for ever',
  },
  'event-swallowed': {
    problem:
      'An external event went to a wait that was over: the wait had been yielded several times, each time adding itself anew',
    citation:
      'https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/orchestrations/TaskOrchestrationExecutor.ts (trackOpenTask)',
    strict: fails,
    lenient: 'the event is lost',
  },
  'events-dropped': {
    problem: 'Events that had arrived were not awaited before continueAsNew. Azure drops them',
    citation: 'https://github.com/Azure/azure-functions-durable-extension/issues/1676',
    strict: `${fails}; when the events carry nothing (null, {}), as mere nudges do, a warning`,
    lenient: 'the events are lost',
  },
  'retry-timeout': {
    problem: 'The retryTimeout of a retried call is over. In Azure the call then never ends',
    citation: 'https://github.com/Azure/azure-functions-durable-js/issues/629',
    strict: fails,
    lenient: 'waits for ever',
  },
  'unknown-function': {
    problem: 'The app has no such function. Azure leaves the call open for ever',
    citation: 'https://github.com/Azure/azure-functions-durable-js/issues/197',
    strict: fails,
    lenient: 'waits for ever; a signal is lost',
  },
  'child-refused': {
    problem: 'A sub-orchestration cannot run under this id. Azure leaves the call open for ever',
    citation: 'https://github.com/Azure/azure-functions-durable-js/issues/197',
    strict: `${fails}; when the id is in use by another instance, the call fails`,
    lenient: 'waits for ever',
  },
  'threw-no-error': {
    problem:
      'What was thrown is not an Error with a message. Azure takes the orchestration to be running still',
    citation:
      'https://github.com/Azure/azure-functions-durable-extension/blob/dev/src/WebJobs.Extensions.DurableTask/Listener/OutOfProcOrchestrationShim.cs',
    strict: fails,
    lenient: 'stays Running for ever',
  },
  'text-anew': {
    problem:
      'continueAsNew was given text. Azure encodes it twice: the next generation gets it with quotes around it',
    citation:
      'https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/actions/ContinueAsNewAction.ts',
    strict: fails,
    lenient: 'the text comes back with quotes',
  },
  'boolean-input': {
    problem: 'An activity was given a boolean. In Azure it gets the text "True" or "False"',
    citation:
      'https://github.com/Azure/azure-functions-durable-extension/blob/dev/src/WebJobs.Extensions.DurableTask/Bindings/ActivityTriggerAttributeBindingProvider.cs',
    strict: fails,
    lenient: 'the activity gets the text',
  },
  'event-name': {
    problem: 'An event has a name of digits only. The SDK takes it for the answer to the task of that number',
    citation:
      'https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/orchestrations/TaskOrchestrationExecutor.ts (setTaskValue)',
    strict: 'raising it is refused (400), and an orchestration that waits for it fails',
    lenient: 'it ends the task of that number',
  },
  'event-without-data': {
    problem:
      'An event was raised without data. Azure refuses it, as an empty body is not JSON; send null or {}',
    citation:
      'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#raise-event',
    strict: 'refused (400), and logged as an error',
    lenient: 'refused (400)',
  },
  'held-back': {
    problem: 'The orchestration is over, but its end is held back until its open timers and tasks end, too',
    citation:
      'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-timers#usage-for-timeout',
    strict: 'logged once: an error for a timer that was not cancelled, a warning for a task',
    lenient: 'the same delay, without a word',
  },
  'entity-error-text': {
    problem: 'An entity threw something other than text. In Azure its caller sees "[object Object]"',
    citation: 'https://github.com/Azure/azure-functions-durable-js/issues/642',
    strict: 'logged as an error; the call fails with a text that says so',
    lenient: 'the call fails with "[object Object]"',
  },
  'signal-input': {
    problem: 'An entity signalled another one with 0, false or "" as input. The SDK drops it',
    citation:
      'https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/entities/Entity.ts (signalEntity)',
    strict: 'the whole batch of operations fails, and nothing of it is kept',
    lenient: 'the operation runs without input',
  },
  'returned-twice': {
    problem:
      'An entity operation called return more than once. The SDK then gives later operations of the batch the wrong results',
    citation: 'https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/entities/Entity.ts (return)',
    strict: 'the whole batch of operations fails, and nothing of it is kept',
    lenient: 'results go to the wrong callers',
  },
  'child-terminated': {
    problem:
      'A sub-orchestration was terminated. In Azure this breaks its parent in a way that it cannot catch: "could not parse its exception data"',
    citation:
      'https://github.com/Azure/azure-functions-durable-js/blob/v3.x/src/orchestrations/TaskOrchestrationExecutor.ts (setTaskValue)',
    strict: 'logged as an error; the call fails in a way that can be caught',
    lenient: 'the parent fails, and cannot catch it',
  },
} as const satisfies Record<string, StrictRule>;

export type StrictRuleId = keyof typeof strictRules;

/** What the host says when `who` broke a rule. `what` names the task, event or function it is about. */
export function complaint(id: StrictRuleId, who: string, what: string): string {
  const { problem, citation } = strictRules[id];
  return `${who}: ${what}. ${problem}. Strict mode refuses this (${id}, ${citation}).`;
}
