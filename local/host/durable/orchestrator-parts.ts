/** What orchestrations are run with. */
import type { Clock } from '../../clock/clock.ts';
import type { HostLog } from '../log.ts';
import type { StatsRecorder } from '../stats.ts';
import type { Worker } from '../worker/worker.ts';
import type { ExecutorProbe } from './executor-probe.ts';
import type { DurableFunctions } from './functions.ts';
import type { InstanceCache } from './instance-cache.ts';
import type { DurableSettings } from './settings.ts';
import type { Strictness } from './strictness.ts';
import type { TimerIndex } from './timer-index.ts';
import type { TimestampWalk } from './timestamp-walk.ts';
import type { Transaction } from './transaction.ts';

export interface OrchestratorRunnerParts {
  readonly worker: Worker;
  readonly functions: DurableFunctions;
  readonly probe: ExecutorProbe;
  readonly walk: TimestampWalk;
  readonly cache: InstanceCache;
  readonly timers: TimerIndex;
  readonly clock: Clock;
  readonly settings: DurableSettings;
  readonly strictness: Strictness;
  readonly stats: StatsRecorder;
  readonly log: HostLog;
  readonly transact: <T>(write: (transaction: Transaction) => T) => Promise<T>;
}
