/** Sends one request to Microsoft Graph through its SDK, which here neither holds tokens nor retries nor reads bodies. */
import {
  Client,
  GraphClientError,
  ResponseType,
  type Context,
  type Middleware,
} from '@microsoft/microsoft-graph-client';
import { z } from 'zod';
import type { VendorError } from '../../domain/vendor-error.ts';
import {
  defaultTimeoutMs,
  failureOfStatus,
  isSuccess,
  networkFailure,
  parseJson,
  readAnswer,
  refusal,
  retryAfterSeconds,
  type HttpAnswer,
} from '../http-answer.ts';
import { openText } from '../lenient.ts';
import { withToken } from '../with-token.ts';
import type { Tokens } from '../tokens.ts';

interface GraphRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Relative to the version, with its query. */
  readonly path: string;
  readonly body?: object;
}

/** Resolves with a successful answer, else rejects with a `VendorError`. */
export type SendToGraph = (getToken: () => Promise<string>, request: GraphRequest) => Promise<HttpAnswer>;

export interface GraphTransportOptions {
  readonly baseUrl: string;
  readonly tokens: Tokens;
  readonly clock: () => Date;
  readonly timeoutMs?: number | undefined;
}

/** The SDK's own retry and authentication handlers sleep in the process and drop tokens on plain http: they stay out. */
export function makeGraphTransport({
  baseUrl,
  tokens,
  clock,
  timeoutMs,
}: GraphTransportOptions): SendToGraph {
  const client = Client.initWithMiddleware({ baseUrl, middleware: http(timeoutMs ?? defaultTimeoutMs) });
  const sendOnce = async (accessToken: string, request: GraphRequest): Promise<HttpAnswer> => {
    const prepared = client
      .api(request.path)
      .header('Authorization', `Bearer ${accessToken}`)
      .responseType(ResponseType.RAW);
    let response: Response;
    try {
      response = await sendBy[request.method](prepared, request.body);
    } catch (error) {
      throw networkFailure(error instanceof GraphClientError ? error.customError : error);
    }
    return readAnswer(response);
  };
  return async (getToken, request) => {
    const answer = await withToken(tokens, getToken, (accessToken) => sendOnce(accessToken, request));
    if (!isSuccess(answer)) throw graphFailure(answer, clock());
    return answer;
  };
}

/** The end of the SDK's chain. Of what is thrown in it, only the SDK's own error comes out with its reason. */
function http(timeoutMs: number): Middleware {
  return {
    execute: async (context: Context) => {
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        context.response = await fetch(context.request, { ...context.options, signal });
      } catch (error) {
        const failed = new GraphClientError('No answer');
        failed.customError = error;
        throw failed;
      }
    },
  };
}

type PreparedRequest = ReturnType<Client['api']>;

const sendBy: Record<GraphRequest['method'], (request: PreparedRequest, body?: object) => Promise<Response>> =
  {
    GET: (request) => request.get(),
    POST: (request, body) => request.post(body),
    PATCH: (request, body) => request.patch(body),
    DELETE: (request) => request.delete(),
  };

const errorAnswer = z.object({ error: z.object({ code: openText }) }).catch({ error: { code: undefined } });

/** Without a Retry-After, the window of Graph's presence limit (Microsoft Graph, "Throttling limits"). */
const presenceWindowSeconds = 30;

/** The error for an answer of Graph's that is no success, or for one in a batch. */
export function graphFailure(answer: HttpAnswer, now: Date): VendorError {
  return refusal('Microsoft Graph', answer.status, {
    failure: failureOfStatus(answer.status),
    code: errorAnswer.parse(parseJson(answer.body)).error.code,
    wait: retryAfterSeconds(answer.headers.get('retry-after'), now),
    usualWait: presenceWindowSeconds,
  });
}
