/** Writes what functions hand to their queue outputs; says so when a function hands something to a service unknown here. */
import type { HostLog } from '../log.ts';
import type { Binding, InvocationResponse, RegisteredFunction, TypedData } from '../worker/types.ts';
import { queueOf } from './queue-settings.ts';
import type { QueueService } from './queue-service.ts';

/** The host itself answers these. */
const answeredElsewhere = new Set(['http']);

export type OutputWriter = (fn: RegisteredFunction, response: InvocationResponse) => Promise<void>;

/** @returns what writes a function's outputs after each run; it fails the run when a queue cannot be written */
export function outputWriter(queues: QueueService, log: HostLog): OutputWriter {
  return async (fn, response) => {
    for (const [name, binding] of outputsOf(fn)) {
      const data = valueOf(response, name);
      if (data === undefined || data === null) continue;
      if (binding.type.toLowerCase() !== 'queue') {
        const text = `What '${fn.name}' wrote to its output '${name}' is dropped: this host has no ${binding.type}.`;
        log('warning', `Function.${fn.name}`, text);
        continue;
      }
      const address = queueOf(binding, process.env);
      for (const message of messagesOf(data)) await queues.send(address, message);
    }
  };
}

/** The outputs a function has besides its HTTP answer. */
export function outputsOf(fn: RegisteredFunction): [string, Binding][] {
  return Object.entries(fn.metadata.bindings).filter(
    ([, { direction, type }]) => direction === 'out' && !answeredElsewhere.has(type.toLowerCase()),
  );
}

function valueOf(response: InvocationResponse, name: string): TypedData | null | undefined {
  if (name === '$return') return response.returnValue;
  return response.outputData?.find((output) => output.name === name)?.data;
}

/** Text goes as it is, a list one message for each element, anything else as JSON. */
function messagesOf(data: TypedData): string[] {
  if (typeof data.string === 'string') return [data.string];
  if (data.bytes) return [Buffer.from(data.bytes).toString('utf8')];
  const value: unknown = data.int ?? data.double ?? (data.json ? JSON.parse(data.json) : undefined);
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map((one: unknown) =>
    typeof one === 'string' ? one : JSON.stringify(one),
  );
}
