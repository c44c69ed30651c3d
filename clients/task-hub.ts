/**
 * What lies in the task hub under ids that begin alike. The SDK cannot ask for that, but the extension's HTTP API can, whose
 * addresses the SDK hands out (Durable Functions, "HTTP API reference", Get all instances status).
 */
import { EntityId, type DurableClient } from 'durable-functions';
import { z } from 'zod';
import { VendorError } from '../domain/vendor-error.ts';

export interface TaskHub {
  /** The instances and entities whose ids begin so, in pages. */
  listed(prefix: string): AsyncIterable<HubInstance[]>;
  terminate(instanceId: string): Promise<void>;
  /** Removes an instance or entity with its history, if there is one. */
  purge(instanceId: string): Promise<void>;
  /** Has an entity destroy its state. */
  forget(instanceId: string): Promise<void>;
}

interface HubInstance {
  readonly instanceId: string;
  /** Whether it has ended; entities never do. */
  readonly isOver: boolean;
}

const pageSize = 200;
const timeoutMs = 30_000;
const continuation = 'x-ms-continuation-token';
const over = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);
const pageSchema = z.array(
  z
    .object({ instanceId: z.string(), runtimeStatus: z.string() })
    .transform(({ instanceId, runtimeStatus }) => ({ instanceId, isOver: over.has(runtimeStatus) })),
);

/** All fail as `unavailable`: what the SDK throws may hold ids, which do not belong in histories. */
export function makeTaskHub(client: DurableClient): TaskHub {
  return {
    listed: async function* (prefix) {
      let next: string | null = null;
      do {
        const page: Page = await asked(() => readPage(client, prefix, next));
        if (page.instances.length > 0) yield page.instances;
        next = page.next;
      } while (next !== null);
    },
    terminate: (instanceId) => asked(() => client.terminate(instanceId, 'erased')),
    purge: async (instanceId) => {
      await asked(() => client.purgeInstanceHistory(instanceId));
    },
    forget: (instanceId) => {
      const [, name = '', key = ''] = /^@([^@]+)@(.+)$/.exec(instanceId) ?? [];
      return asked(() => client.signalEntity(new EntityId(name, key), 'forget', {}));
    },
  };
}

interface Page {
  readonly instances: HubInstance[];
  readonly next: string | null;
}

async function readPage(client: DurableClient, prefix: string, after: string | null): Promise<Page> {
  const url = new URL(client.createHttpManagementPayload('').statusQueryGetUri);
  url.searchParams.set('instanceIdPrefix', prefix);
  url.searchParams.set('top', String(pageSize));
  url.searchParams.set('showInput', 'false');
  const response = await fetch(url, {
    headers: after === null ? {} : { [continuation]: after },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const instances = pageSchema.parse(await response.json());
  return { instances, next: response.headers.get(continuation) };
}

async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch {
    throw new VendorError('unavailable', 'TaskHub');
  }
}
