/** What host.json says about queues, and where a binding's queue is (Azure Functions, Queue storage bindings, host.json). */
import { z } from 'zod';
import type { Binding } from '../worker/types.ts';

const seconds = z
  .string()
  .regex(/^\d{1,2}:\d{2}:\d{2}(\.\d+)?$/, 'must be a time span such as 00:00:02')
  .transform((text) => text.split(':').reduce((total, part) => total * 60 + Number(part), 0));

export const queuesShape = z.looseObject({
  /** How long an idle queue is left alone at most. Azure's default is a minute, on a developer's machine two seconds. */
  maxPollingInterval: seconds.default(2),
  /** How long a message rests after a failure. */
  visibilityTimeout: seconds.default(0),
  batchSize: z.number().int().min(1).max(32).default(16),
  newBatchThreshold: z.number().int().min(0).optional(),
  maxDequeueCount: z.number().int().min(1).default(5),
  messageEncoding: z.enum(['base64', 'none']).default('base64'),
});

export type QueueSettings = z.infer<typeof queuesShape>;

export interface QueueAddress {
  readonly connection: string;
  readonly queue: string;
}

const bindingShape = z.looseObject({ queueName: z.string(), connection: z.string().optional() });

/** The queue a trigger or an output names. @throws when an app setting that it needs is missing */
export function queueOf(binding: Binding, settings: NodeJS.ProcessEnv): QueueAddress {
  const { queueName, connection: given } = bindingShape.parse(binding);
  const queue = resolveSettings(queueName, settings).toLowerCase();
  const name = resolveSettings(given ?? '', settings) || 'Storage';
  const connection = settings[`AzureWebJobs${name}`] || settings[name];
  if (!connection) {
    const known = given ? `'${name}' or 'AzureWebJobs${name}'` : "'AzureWebJobsStorage'";
    throw new Error(`The queue '${queue}' needs a connection string in the app setting ${known}.`);
  }
  return { connection, queue };
}

/** Puts app settings in the place of `%NAME%`. @throws when there is none of that name */
function resolveSettings(text: string, settings: NodeJS.ProcessEnv): string {
  return text.replaceAll(/%([^%]+)%/g, (_whole, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`The app setting '${name}' is not set.`);
    return value;
  });
}
