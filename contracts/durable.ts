/** The forms a contract takes: what an activity and an orchestration are called, eat and answer. */
import type { z } from 'zod';
import type { ActivityName } from '../domain/telemetry-words.ts';

export interface RetryPolicy {
  firstIntervalSeconds: number;
  backoffCoefficient: number;
  longestIntervalSeconds: number;
  attempts: number;
}

export interface ActivityContract<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  name: ActivityName;
  input: Input;
  output: Output;
  /** Applies to what the activity throws; what it answers is never repeated. */
  retry: RetryPolicy;
}

/** An orchestration as it is to be started. */
export interface Start {
  name: string;
  instanceId: string;
  input: unknown;
}

/** For effects that fail only while our own store or vault is away: patient, because nothing else can be done. */
export const patientRetry: RetryPolicy = {
  firstIntervalSeconds: 2,
  backoffCoefficient: 2,
  longestIntervalSeconds: 60,
  attempts: 20,
};

/** Declares an activity; the same value is used to call it and to register it. */
export function activityContract<Input extends z.ZodType, Output extends z.ZodType>(
  contract: ActivityContract<Input, Output>,
): ActivityContract<Input, Output> {
  return contract;
}
