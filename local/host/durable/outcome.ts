/** How a replay ended: still waiting, done, failed, or asking to begin anew. */
import { actionType } from './action-types.ts';
import type { ProbeRun, SdkExecutor } from './executor-probe.ts';

const runningTask = 0;
const outOfProcessLabel = '\n\n$OutOfProcData$:';
const customStatusLimitBytes = 16 * 1024;

export type Outcome =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'completed'; readonly output: string | null }
  | { readonly kind: 'failed'; readonly reason: string; readonly failureDetails: unknown }
  | { readonly kind: 'continuedAsNew'; readonly input: string | null };

export interface ReplayResult {
  readonly outcome: Outcome;
  /** JSON text; `undefined` when the orchestration set none, or cleared it. */
  readonly customStatus: string | undefined;
}

/** @param thrown what the invocation threw, if it did */
export function readOutcome(name: string, run: ProbeRun, thrown: unknown): ReplayResult {
  const { executor } = run;
  if (!executor) {
    const reason =
      thrown === undefined ? 'The orchestrator was not run by durable-functions.' : messageOf(thrown);
    return { outcome: { kind: 'failed', reason, failureDetails: null }, customStatus: undefined };
  }
  const customStatus = executor.context.customStatus;
  const statusText = customStatus ? JSON.stringify(customStatus) : undefined;
  if (statusText !== undefined && statusText.length * 2 > customStatusLimitBytes) {
    return { outcome: statusTooLong(name), customStatus: undefined };
  }
  return { outcome: outcomeOf(name, executor, thrown), customStatus: statusText };
}

function outcomeOf(name: string, executor: SdkExecutor, thrown: unknown): Outcome {
  if (executor.exception !== undefined) {
    return failed(name, messageOf(executor.exception), failureDetailsIn(thrown));
  }
  if (executor.willContinueAsNew) return { kind: 'continuedAsNew', input: continueInput(executor) };
  if (executor.orchestratorReturned) return { kind: 'completed', output: jsonText(executor.output) };
  if (thrown !== undefined) return { kind: 'failed', reason: messageOf(thrown), failureDetails: null };
  // The SDK takes `throw undefined` for no exception: the generator is over, and nothing would ever wake it.
  if (executor.currentTask.stateObj !== runningTask) return failed(name, 'undefined', null);
  return { kind: 'waiting' };
}

function failed(name: string, message: string, failureDetails: unknown): Outcome {
  return { kind: 'failed', reason: `Orchestrator function '${name}' failed: ${message}`, failureDetails };
}

function statusTooLong(name: string): Outcome {
  const limit = 'The UTF-16 size of the JSON-serialized payload must not exceed 16 KB.';
  return failed(name, limit, null);
}

/** Text inputs come encoded once and are encoded again, as the extension does: the next generation sees the quotes. */
function continueInput(executor: SdkExecutor): string | null {
  const action = executor.actions.findLast((one) => one.actionType === actionType.continueAsNew);
  return jsonText(action?.input);
}

function jsonText(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The SDK appends its whole state to the error's text; a failed task's details are in there. */
function failureDetailsIn(thrown: unknown): unknown {
  const text = messageOf(thrown);
  const at = text.indexOf(outOfProcessLabel);
  if (at < 0) return null;
  const state = JSON.parse(text.slice(at + outOfProcessLabel.length)) as { failureDetails?: unknown };
  return state.failureDetails ?? null;
}
