/** Reads what steers a host besides the app's code: host.json, local.settings.json and the settings given to it. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { azureStorageTimers } from './durable/settings.ts';
import type { DurableSettings } from './durable/settings.ts';
import type { CorsRules } from './http/cors.ts';
import { queuesShape } from './queue/queue-settings.ts';
import type { QueueSettings } from './queue/queue-settings.ts';
import { readTimeLimit } from './worker/time-limit.ts';
import type { TimeLimit } from './worker/time-limit.ts';

/** .NET reads the names of its enums in any case. */
function anyCase<const T extends string>(names: readonly T[]) {
  return z.preprocess(
    (given) => names.find((name) => name.toLowerCase() === String(given).toLowerCase()) ?? given,
    z.enum(names),
  );
}

const durableTaskShape = z.looseObject({
  hubName: z.string().optional(),
  defaultVersion: z.string().optional(),
  versionMatchStrategy: anyCase(['None', 'Strict', 'CurrentOrOlder']).optional(),
  versionFailureStrategy: anyCase(['Reject', 'Fail']).optional(),
  overridableExistingInstanceStates: anyCase(['NonRunningStates', 'AnyState']).optional(),
  maxOrchestrationActions: z.number().int().positive().optional(),
  maxConcurrentActivityFunctions: z.number().int().positive().optional(),
  maxConcurrentOrchestratorFunctions: z.number().int().positive().optional(),
  maxEntityOperationBatchSize: z.number().int().positive().optional(),
  storageProvider: z
    .looseObject({
      longRunningTimerIntervalDuration: z.string().optional(),
      maximumShortTimerDuration: z.string().optional(),
    })
    .optional(),
});

const hostShape = z.looseObject({
  functionTimeout: z.string().optional(),
  extensions: z
    .looseObject({
      http: z.looseObject({ routePrefix: z.string().optional() }).optional(),
      durableTask: durableTaskShape.optional(),
      queues: queuesShape.optional(),
    })
    .optional(),
});

const localSettingsShape = z.looseObject({
  Values: z.record(z.string(), z.string()).optional(),
  Host: z.looseObject({ CORS: z.string().optional(), CORSCredentials: z.boolean().optional() }).optional(),
});

export interface HostConfig {
  readonly routePrefix: string;
  readonly durable: DurableSettings;
  readonly timeLimit: TimeLimit | undefined;
  readonly queues: QueueSettings;
}

/** @throws when host.json is not valid, with the names of the bad fields. */
export function readHostConfig(appDir: string): HostConfig {
  const { extensions, functionTimeout } = readJson(join(appDir, 'host.json'), hostShape);
  return {
    routePrefix: extensions?.http?.routePrefix ?? 'api',
    durable: durableSettings(extensions?.durableTask ?? {}),
    timeLimit: readTimeLimit(functionTimeout),
    queues: extensions?.queues ?? queuesShape.parse({}),
  };
}

/** What `Host` of local.settings.json says about pages of other origins. */
export function readCorsRules(appDir: string): CorsRules {
  const { Host = {} } = readJson(join(appDir, 'local.settings.json'), localSettingsShape);
  const origins = (Host.CORS ?? '')
    .split(',')
    .map((origin) => origin.trim().replace(/\/$/, '').toLowerCase());
  return { origins: origins.filter((origin) => origin !== ''), credentials: Host.CORSCredentials ?? false };
}

function durableSettings(given: z.infer<typeof durableTaskShape>): DurableSettings {
  const perCore = 10 * availableParallelism();
  const { storageProvider: provider = {} } = given;
  const defaults = azureStorageTimers;
  return {
    hubName: given.hubName ?? process.env['WEBSITE_SITE_NAME'] ?? 'TestHubName',
    defaultVersion: given.defaultVersion ?? '',
    versionMatch: given.versionMatchStrategy ?? 'CurrentOrOlder',
    versionFailure: given.versionFailureStrategy ?? 'Reject',
    replacesRunning: given.overridableExistingInstanceStates === 'AnyState',
    maxActions: given.maxOrchestrationActions ?? 100_000,
    longRunningTimerInterval: provider.longRunningTimerIntervalDuration ?? defaults.longRunningTimerInterval,
    maximumShortTimer: provider.maximumShortTimerDuration ?? defaults.maximumShortTimer,
    httpPollingMs: 30_000,
    maxConcurrentActivities: given.maxConcurrentActivityFunctions ?? perCore,
    maxConcurrentOrchestrators: given.maxConcurrentOrchestratorFunctions ?? perCore,
    maxEntityBatch: given.maxEntityOperationBatchSize ?? 5000,
  };
}

/**
 * Puts the app's settings into the environment: those given to the host win over everything, and the machine's own
 * environment wins over local.settings.json.
 */
export function applySettings(appDir: string, settings: Readonly<Record<string, string>>): void {
  const { Values = {} } = readJson(join(appDir, 'local.settings.json'), localSettingsShape);
  for (const [name, value] of Object.entries(Values)) process.env[name] ??= value;
  for (const [name, value] of Object.entries(settings)) process.env[name] = value;
}

function readJson<T>(path: string, shape: z.ZodType<T>): T {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '{}';
  const parsed = shape.safeParse(parseJson(path, text));
  if (!parsed.success) throw new Error(`${path} is not valid: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Error(`${path} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
