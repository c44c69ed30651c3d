/** Azure Monitor's ingestion endpoint, as Application Insights SDKs send to it, and what it has taken in. */
import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import { serve } from '../serve.ts';
import type { Simulation } from '../simulation.ts';
import { VendorData } from '../vendor-data.ts';
import { itemSchema, type Item } from './items.ts';

/** One item, as it was sent. */
export type ReceivedItem = Item;

export interface Logs {
  readonly url: string;
  /** Names the resource and this endpoint. */
  readonly connectionString: string;
  /** All that was taken in, the oldest first. */
  received(): ReceivedItem[];
  close(): Promise<void>;
}

interface LogsOptions {
  /** In Azure this data would be the resource owner's, not Microsoft's: it has a directory of its own. */
  readonly directory?: string | undefined;
}

interface ItemError {
  readonly index: number;
  readonly statusCode: number;
  readonly message: string;
}

export async function startLogs(simulation: Simulation, { directory }: LogsOptions): Promise<Logs> {
  const data = new VendorData('logs', directory);
  const items = data.collection<Item>('items');
  const resources = data.collection<{ instrumentationKey: string }>('resources');
  const resource = resources.get('own') ?? { instrumentationKey: randomUUID() };
  resources.put('own', resource);
  let last = Number(items.lastKey() ?? 0);
  const keep = (item: Item): void => items.put(String((last += 1)).padStart(12, '0'), item);
  const track = async (c: Context): Promise<Response> => {
    const sent = await readItems(c);
    if (sent === undefined) return answer(400, 0, [{ index: 0, statusCode: 400, message: 'Invalid body' }]);
    const errors: ItemError[] = [];
    data.together(() => {
      for (const [index, each] of sent.entries()) {
        const fault = faultOf(each, resource.instrumentationKey);
        if (fault === undefined) keep(itemSchema.parse(each));
        else errors.push({ index, ...fault });
      }
    });
    const status = errors.length === 0 ? 200 : errors.length < sent.length ? 206 : 400;
    return answer(status, sent.length, errors);
  };
  const app = new Hono();
  for (const version of ['v2', 'v2.1']) app.post(`/${version}/track`, track);
  const serving = await serve(simulation, { vendor: 'logs', app, refuse: ingestionFault });
  return {
    url: serving.url,
    connectionString: `InstrumentationKey=${resource.instrumentationKey};IngestionEndpoint=${serving.url}/`,
    received: () => items.all(),
    close: async () => {
      await serving.close();
      data.close();
    },
  };
}

/** The body: a JSON array, or newline-delimited JSON, perhaps gzipped; undefined when it is neither. */
async function readItems(c: Context): Promise<unknown[] | undefined> {
  try {
    const bytes = Buffer.from(await c.req.arrayBuffer());
    const text = (c.req.header('content-encoding') === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
    const isLines = c.req.header('content-type')?.startsWith('application/x-json-stream') === true;
    const parsed: unknown = JSON.parse(isLines ? `[${text.trim().split('\n').join(',')}]` : text);
    return z
      .array(z.unknown())
      .min(1)
      .parse(Array.isArray(parsed) ? parsed : [parsed]);
  } catch {
    return undefined;
  }
}

function faultOf(item: unknown, instrumentationKey: string): Omit<ItemError, 'index'> | undefined {
  const parsed = itemSchema.safeParse(item);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.code}`);
    return { statusCode: 400, message: `Field is invalid: ${fields.join(', ')}` };
  }
  return parsed.data.iKey === instrumentationKey
    ? undefined
    : { statusCode: 400, message: 'Invalid instrumentation key' };
}

function answer(status: number, itemsReceived: number, errors: readonly ItemError[]): Response {
  return Response.json(
    { itemsReceived, itemsAccepted: Math.max(0, itemsReceived - errors.length), appId: null, errors },
    { status },
  );
}

function ingestionFault(status: number, retryAfterSeconds: number | undefined): Response {
  const response = answer(status, 0, [{ index: 0, statusCode: status, message: 'Not processed.' }]);
  if (retryAfterSeconds !== undefined)
    response.headers.set('retry-after', String(Math.ceil(retryAfterSeconds)));
  return response;
}
