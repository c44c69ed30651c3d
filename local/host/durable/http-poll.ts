/**
 * The further requests of a callHttp that polls (extension, OutOfProcOrchestrationShim and TaskHttpActivityShim). The SDK
 * gives the next wait and the next request their ids together and names the first request again; what is really asked,
 * after the wait, is the address that the last answer gave.
 */
import { z } from 'zod';
import { actionType } from './action-types.ts';
import { runningTask } from './executor-probe.ts';
import type { SdkTask } from './executor-probe.ts';

export interface Poll {
  /** Whether the wait before this request is over. */
  readonly isDue: boolean;
  /** The request that the activity is to make. */
  readonly request: object;
}

const requestShape = z.looseObject({
  uri: z.string(),
  headers: z.record(z.string(), z.string()).nullish(),
  tokenSource: z.unknown().optional(),
});
const answerShape = z.looseObject({ headers: z.record(z.string(), z.unknown()) });

/** Nothing for the first request, and for all that is not a polling callHttp. */
export function pollOf(task: SdkTask): Poll | undefined {
  const { parent, actionObj } = task;
  if (!parent || actionObj === 'noOp' || actionObj.actionType !== actionType.callHttp) return undefined;
  const position = parent.children.indexOf(task);
  const isPoll =
    position > 0 && parent.actionObj !== 'noOp' && parent.actionObj.actionType === actionType.callHttp;
  if (!isPoll) return undefined;
  const first = requestShape.parse(actionObj.httpRequest);
  let uri = first.uri;
  for (const step of parent.children.slice(0, position)) uri = locationIn(step.result, uri);
  return {
    isDue: parent.children[position - 1]?.stateObj !== runningTask,
    request: pollRequest(first, uri),
  };
}

/** Credentials stay with the server they were meant for. */
function pollRequest(first: z.infer<typeof requestShape>, uri: string): object {
  const sameServer = new URL(uri).origin === new URL(first.uri).origin;
  const secret = sameServer ? ['x-functions-key'] : ['x-functions-key', 'authorization', 'cookie'];
  const headers = Object.entries(first.headers ?? {}).filter(
    ([name]) => !secret.includes(name.toLowerCase()),
  );
  const { tokenSource } = first;
  return {
    method: 'GET',
    uri,
    headers: Object.fromEntries(headers),
    ...(tokenSource && sameServer ? { tokenSource } : {}),
  };
}

/** Waits have no answer; `uri` stays what it is then. */
function locationIn(result: unknown, uri: string): string {
  const answer = answerShape.safeParse(result);
  if (!answer.success) return uri;
  const location = Object.entries(answer.data.headers).find(
    ([name]) => name.toLowerCase() === 'location',
  )?.[1];
  return typeof location === 'string' ? new URL(location, uri).href : uri;
}
