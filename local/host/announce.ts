/** What the host says once it serves: the app's functions with their addresses, as `func start` lists them, and what it lacks for them. */
import { routeOf } from './http/function-routes.ts';
import type { HostLog } from './log.ts';
import { outputsOf } from './queue/queue-outputs.ts';
import type { RegisteredFunction } from './worker/types.ts';
import type { Worker } from './worker/worker.ts';

const servedTriggers = new Set([
  'httptrigger',
  'timertrigger',
  'queuetrigger',
  'orchestrationtrigger',
  'activitytrigger',
  'entitytrigger',
]);

const servedInputs = new Set(['durableclient', 'orchestrationclient']);

export function announce(parts: {
  readonly appDir: string;
  readonly url: string;
  readonly worker: Worker;
  readonly routePrefix: string;
  readonly log: HostLog;
}): void {
  const { appDir, url, worker, log } = parts;
  const lines = worker.functions.map((fn) => `\t${lineOf(fn, parts)}`);
  log('information', 'Host', `Serving ${appDir} at ${url}\n\nFunctions:\n\n${lines.join('\n\n')}\n`);
  for (const fn of worker.functions) warnOfMissing(fn, log);
}

function lineOf(fn: RegisteredFunction, { url, routePrefix }: { url: string; routePrefix: string }): string {
  const route = routeOf(fn, routePrefix);
  if (!route) return `${fn.name}: ${fn.trigger.type}`;
  return `${fn.name}: [${route.methods.join(',')}] ${url}/${route.route}`;
}

function warnOfMissing(fn: RegisteredFunction, log: HostLog): void {
  const warn = (text: string): void => log('warning', 'Host', text);
  if (!servedTriggers.has(fn.trigger.type.toLowerCase())) {
    warn(`Nothing will start '${fn.name}': this host has no ${fn.trigger.type}.`);
  }
  for (const [name, { type }] of outputsOf(fn)) {
    if (type.toLowerCase() !== 'queue')
      warn(`What '${fn.name}' writes to its output '${name}' is dropped: this host has no ${type}.`);
  }
  for (const [name, { type, direction }] of Object.entries(fn.metadata.bindings)) {
    const isInput = direction === 'in' && name !== fn.triggerName;
    if (isInput && !servedInputs.has(type.toLowerCase()))
      warn(`'${fn.name}' gets nothing from its input '${name}': this host has no ${type}.`);
  }
}
