/** One line of what the host and the app say, and how it is written for a reader of the console. */

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

export interface HostLogEntry {
  /** ISO 8601, by the host's clock. */
  readonly at: string;
  readonly level: LogLevel;
  /** `Host`, `Host.Durable`, `Function.<name>` and so on. */
  readonly category: string;
  readonly message: string;
}

export type HostLog = (level: LogLevel, category: string, message: string) => void;

const levels: readonly LogLevel[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'];

/** Whether `level` is as grave as `threshold`, or graver. */
export function isAtLeast(level: LogLevel, threshold: LogLevel): boolean {
  return levels.indexOf(level) >= levels.indexOf(threshold);
}

/** The words an app may log with, as a level; an unknown word counts as information. */
export function asLogLevel(value: unknown): LogLevel {
  return levels.find((level) => level === value) ?? 'information';
}

/** `2026-01-01T00:00:00.000Z warn Function.hello: text`; a message of several lines keeps them. */
export function formatLogEntry(entry: HostLogEntry): string {
  return `${entry.at} ${entry.level.padEnd(11)} ${entry.category}: ${entry.message}`;
}

/** An error with its stack, for the log only: a client never sees it. */
export function describeError(error: unknown): string {
  if (error instanceof Error) return error.stack ?? `${error.name}: ${error.message}`;
  return String(error);
}
