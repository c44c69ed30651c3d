/** What of host.json and the app's settings steers the durable engine (Durable Functions, host.json reference). */

export interface DurableSettings {
  readonly hubName: string;
  readonly defaultVersion: string;
  readonly versionMatch: VersionMatch;
  /** What becomes of an instance of another version: left for a worker that knows it, or failed. */
  readonly versionFailure: 'Reject' | 'Fail';
  /** Whether a start under an id in use replaces the instance that runs there. */
  readonly replacesRunning: boolean;
  /** Calls, timers and waits in one execution of an orchestration. */
  readonly maxActions: number;
  /** .NET TimeSpan text: a timer longer than `maximumShortTimer` is cut into pieces of this length. */
  readonly longRunningTimerInterval: string;
  /** .NET TimeSpan text. */
  readonly maximumShortTimer: string;
  /** ms between two polls of callHttp when the server names no time. */
  readonly httpPollingMs: number;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
  readonly maxEntityBatch: number;
}

/** Which instances a worker of `defaultVersion` takes on. */
type VersionMatch = 'None' | 'Strict' | 'CurrentOrOlder';

/** The limits of the Azure Storage provider, whose queue cannot hold a message for longer than this. */
export const azureStorageTimers = {
  longRunningTimerInterval: '3.00:00:00',
  maximumShortTimer: '6.00:00:00',
} as const;
