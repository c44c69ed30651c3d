/** How orchestrators call what their contracts declare. */
import { RetryOptions, type OrchestrationContext, type Task } from 'durable-functions';
import type { z } from 'zod';
import type { ActivityContract } from '../contracts/durable.ts';
import { silentTelemetry, type Telemetry } from '../domain/telemetry.ts';

/** Whatever an orchestrator yields is a task of the SDK; what comes back is typed by the step. */
export type Step<Result> = Generator<Task, Result, unknown>;

/** Telemetry for this step: an orchestration that replays has said everything before. */
export function live(context: OrchestrationContext, telemetry: Telemetry): Telemetry {
  return context.df.isReplaying ? silentTelemetry : telemetry;
}

/** What an orchestration may use besides its context. */
export interface Dependencies {
  telemetry: Telemetry;
}

/** Calls an activity with its contract's retry policy and answers its parsed result. */
export function* call<Input extends z.ZodType, Output extends z.ZodType>(
  context: OrchestrationContext,
  contract: ActivityContract<Input, Output>,
  input: z.infer<Input>,
): Step<z.infer<Output>> {
  const { firstIntervalSeconds, attempts, backoffCoefficient, longestIntervalSeconds } = contract.retry;
  const retry = new RetryOptions(firstIntervalSeconds * 1000, attempts);
  retry.backoffCoefficient = backoffCoefficient;
  retry.maxRetryIntervalInMilliseconds = longestIntervalSeconds * 1000;
  return contract.output.parse(yield context.df.callActivityWithRetry(contract.name, retry, input));
}

/**
 * Like {@link call}, but answers undefined when the activity has failed for all the patience of its policy: our own
 * store or vault is away, and what runs for ever must outlast that.
 */
export function* tryCall<Input extends z.ZodType, Output extends z.ZodType>(
  context: OrchestrationContext,
  contract: ActivityContract<Input, Output>,
  { input, telemetry }: { input: z.infer<Input>; telemetry: Telemetry },
): Step<z.infer<Output> | undefined> {
  try {
    return yield* call(context, contract, input);
  } catch {
    live(context, telemetry).record('activityKeepsFailing', { activity: contract.name });
    return undefined;
  }
}

const pauseSeconds = 60;

/**
 * Like {@link call}, but goes on until it succeeds: for a process that must not fail in the middle, however long our own store
 * or vault is away.
 */
export function* insist<Input extends z.ZodType, Output extends z.ZodType>(
  context: OrchestrationContext,
  contract: ActivityContract<Input, Output>,
  input: z.infer<Input>,
  telemetry: Telemetry,
): Step<z.infer<Output>> {
  for (;;) {
    const answer = yield* tryCall(context, contract, { input, telemetry });
    if (answer !== undefined) return answer;
    yield context.df.createTimer(secondsFromNow(context, pauseSeconds));
  }
}

/** The instant so many seconds from the orchestration's now. */
export function secondsFromNow(context: OrchestrationContext, seconds: number): Date {
  return new Date(context.df.currentUtcDateTime.getTime() + seconds * 1000);
}

/** Waits until the instant `until`, or until the event arrives if that is sooner; the timer never stays behind. */
export function* waitUntilOr(context: OrchestrationContext, until: string, eventName: string): Step<void> {
  const timer = context.df.createTimer(new Date(until));
  const event = context.df.waitForExternalEvent(eventName);
  const first = yield context.df.Task.any([timer, event]);
  if (first !== timer) timer.cancel();
}
