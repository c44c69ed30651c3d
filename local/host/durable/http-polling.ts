/**
 * The further requests of a `callHttp` that was answered with 202 (azure-functions-durable-extension, CallHttpAsync): the
 * SDK counts a timer and a request for each, but leaves to the host when the request goes out, and where to.
 */
import { z } from 'zod';
import type { SdkAction, SdkTask } from './executor-probe.ts';

const requestShape = z.looseObject({
  method: z.string(),
  uri: z.string(),
  content: z.string().nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
});

const answerShape = z.looseObject({ headers: z.record(z.string(), z.unknown()) });

type HttpRequest = z.infer<typeof requestShape>;

const runningTask = 0;

/** These are for the first address only. */
const keyHeader = 'x-functions-key';
const credentials: readonly string[] = ['authorization', 'cookie'];

/** Whether the pause before this request, the task before it under their parent, still lasts. */
export function isPausing(siblings: readonly SdkTask[], position: number): boolean {
  return position > 0 && siblings[position - 1]?.stateObj === runningTask;
}

/** The request at this place among the parent's children, which are request, pause, request, pause, ... */
export function pollAction(action: SdkAction, siblings: readonly SdkTask[], position: number): SdkAction {
  if (position <= 0) return action;
  let request = requestShape.parse(action.httpRequest);
  for (let place = 2; place <= position; place += 2) {
    request = nextRequest(request, siblings[place - 2]?.result);
  }
  return { ...action, httpRequest: request };
}

function nextRequest(request: HttpRequest, answer: unknown): HttpRequest {
  const { headers } = answerShape.parse(answer);
  const location = Object.entries(headers).find(([name]) => name.toLowerCase() === 'location')?.[1];
  const uri = new URL(String(location), request.uri);
  const isElsewhere = uri.origin !== new URL(request.uri).origin;
  const kept = Object.entries(request.headers ?? {}).filter(([name]) => {
    const header = name.toLowerCase();
    return header !== keyHeader && !(isElsewhere && credentials.includes(header));
  });
  const { content: _sentOnce, ...rest } = request;
  return { ...rest, method: 'GET', uri: uri.href, headers: Object.fromEntries(kept) };
}
