/** How a replay ended: still waiting, done, failed, or asking to begin anew. */
import { actionType } from './action-types.ts';
import type { ProbeRun, SdkExecutor } from './executor-probe.ts';

const outOfProcessLabel = '\n\n$OutOfProcData$:';
const customStatusLimitBytes = 16 * 1024;

export type Outcome =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'completed'; readonly output: string | null }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly failureDetails: unknown;
      /** Whether it does not wait for what is still open. */
      readonly atOnce?: boolean;
    }
  | { readonly kind: 'continuedAsNew'; readonly input: string | null };

export interface ReplayResult {
  readonly outcome: Outcome;
  /** JSON text; `undefined` when the orchestration set none, or cleared it. */
  readonly customStatus: string | undefined;
}

/** @param thrown what the invocation threw, if it did */
export function readOutcome(name: string, run: ProbeRun, thrown: unknown, maxActions: number): ReplayResult {
  const { executor } = run;
  if (!executor) {
    const reason =
      thrown === undefined ? 'The orchestrator was not run by durable-functions.' : messageOf(thrown);
    return { outcome: { kind: 'failed', reason, failureDetails: null }, customStatus: undefined };
  }
  if (run.tasks.size + run.sent.length > maxActions) {
    return { outcome: tooManyActions(name, maxActions), customStatus: undefined };
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
    const message = thrownMessage(executor.exception);
    // As in Azure: a failure that says nothing does not count as one.
    return message === '' ? { kind: 'waiting' } : failed(name, message, failureDetailsIn(thrown));
  }
  if (executor.willContinueAsNew) return { kind: 'continuedAsNew', input: jsonText(continueInput(executor)) };
  if (executor.orchestratorReturned) return { kind: 'completed', output: jsonText(executor.output) };
  if (thrown !== undefined) return { kind: 'failed', reason: messageOf(thrown), failureDetails: null };
  return { kind: 'waiting' };
}

/** The text by which the extension knows that an orchestrator threw; empty if it did not throw an error with one. */
export function thrownMessage(thrown: unknown): string {
  const hasMessage = typeof thrown === 'object' && thrown !== null && 'message' in thrown;
  return hasMessage && typeof thrown.message === 'string' ? thrown.message : '';
}

export function failed(name: string, message: string, failureDetails: unknown): Outcome & { kind: 'failed' } {
  return { kind: 'failed', reason: `Orchestrator function '${name}' failed: ${message}`, failureDetails };
}

/** What Azure says of an orchestration that never continues as new. */
function tooManyActions(name: string, most: number): Outcome {
  const count = most.toLocaleString('en-US');
  const text = `Maximum amount of orchestration actions (${count}) has been reached. This value can be configured in host.json file as MaxOrchestrationActions.`;
  return failed(name, text, null);
}

function statusTooLong(name: string): Outcome {
  const limit = 'The UTF-16 size of the JSON-serialized payload must not exceed 16 KB.';
  return failed(name, limit, null);
}

/** Text comes encoded once and is encoded again, as the extension does: the next generation sees the quotes. */
export function continueInput(executor: SdkExecutor): unknown {
  return executor.actions.findLast((one) => one.actionType === actionType.continueAsNew)?.input;
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
