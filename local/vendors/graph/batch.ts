/** `POST /$batch` (Microsoft Graph, "Combine multiple HTTP requests using JSON batching"). */
import { z } from 'zod';
import { badRequest } from './graph-error.ts';

const batchItem = z.strictObject({
  id: z.string().min(1),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).optional(),
});
export const batchBody = z.strictObject({ requests: z.array(batchItem).min(1).max(20) });

type BatchItem = z.output<typeof batchItem>;

interface BatchAnswer {
  readonly id: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** One request of the batch; `path` is relative to the version. */
export type SendOne = (
  method: string,
  path: string,
  init: { headers: Headers; body?: string },
) => Promise<Response>;

/**
 * Answers every request of a batch; what depends on a failed one is answered 424. The answers come last one first, because
 * Graph promises no order. @throws GraphError 400
 */
export async function answerBatch(requests: readonly BatchItem[], send: SendOne): Promise<BatchAnswer[]> {
  check(requests);
  const answers = new Map<string, Promise<BatchAnswer>>();
  for (const request of requests) {
    const before = (request.dependsOn ?? [])
      .map((id) => answers.get(id.toLowerCase()))
      .filter((answer) => answer !== undefined);
    answers.set(request.id.toLowerCase(), answerOne(request, before, send));
  }
  return Promise.all([...answers.values()].toReversed());
}

async function answerOne(
  request: BatchItem,
  before: readonly Promise<BatchAnswer>[],
  send: SendOne,
): Promise<BatchAnswer> {
  const { id, method, url, body } = request;
  const failed = (await Promise.all(before)).some((answer) => answer.status >= 400);
  if (failed) {
    const error = { code: 'FailedDependency', message: 'A request that this one depends on failed.' };
    return { id, status: 424, headers: { 'Content-Type': 'application/json' }, body: { error } };
  }
  const headers = new Headers(request.headers);
  const path = url.startsWith('/') ? url : `/${url}`;
  const response = await send(method, path, {
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = { id, status: response.status, headers: headersOf(response) };
  return text === '' ? answer : { ...answer, body: JSON.parse(text) };
}

function headersOf(response: Response): Record<string, string> {
  const retryAfter = response.headers.get('retry-after');
  const contentType = response.headers.get('content-type');
  return {
    ...(retryAfter === null ? {} : { 'Retry-After': retryAfter }),
    ...(contentType === null ? {} : { 'Content-Type': contentType }),
  };
}

function check(requests: readonly BatchItem[]): void {
  const ids = new Set<string>();
  for (const { id, headers, body, url, dependsOn = [] } of requests) {
    if (ids.has(id.toLowerCase())) throw badRequest(`Request ids must be unique: ${id}`);
    if (dependsOn.some((other) => !ids.has(other.toLowerCase())))
      throw badRequest(`Request ${id} depends on an unknown one.`);
    ids.add(id.toLowerCase());
    if (/^https?:/i.test(url) || /^\/?\$batch/.test(url))
      throw badRequest(`The url of request ${id} must be relative and no batch.`);
    if (body !== undefined && !new Headers(headers).has('content-type')) {
      throw badRequest(`Write request id : ${id} does not contain Content-Type header or body.`);
    }
  }
}
