/** Sends one request to RingCentral through its SDK, which here neither holds tokens nor refreshes nor retries. */
import { SDK } from '@ringcentral/sdk';
import { z } from 'zod';
import type { VendorError, VendorFailure } from '../../domain/vendor-error.ts';
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
import type { Tokens } from '../tokens.ts';
import { withToken } from '../with-token.ts';

interface RingCentralRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: object;
}

/** Resolves with a successful answer, else rejects with a `VendorError`; `throttled` at once, without waiting. */
export type SendToRingCentral = (tenantId: string, request: RingCentralRequest) => Promise<HttpAnswer>;

export interface RingCentralTransportOptions {
  readonly serverUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly tokens: Tokens;
  readonly clock: () => Date;
  readonly timeoutMs?: number | undefined;
}

/**
 * One SDK for all customers, because it never sees whose token it carries: requests bring their own `Authorization`
 * (`skipAuthCheck`), so that its token store, shared by all instances of a process, stays empty.
 */
export function makeRingCentralTransport(options: RingCentralTransportOptions): SendToRingCentral {
  const { serverUrl, clientId, clientSecret, tokens, clock, timeoutMs } = options;
  const sdk = new SDK({
    server: serverUrl.replace(/\/+$/, ''),
    clientId,
    clientSecret,
    appName: 'PresenceHub',
    clearCacheOnRefreshError: false,
    handleRateLimit: false,
    fetch: (request) => fetchInTime(request, timeoutMs ?? defaultTimeoutMs),
    Request,
    Response,
    Headers,
  });
  const sendOnce = async (
    accessToken: string,
    { path, ...request }: RingCentralRequest,
  ): Promise<HttpAnswer> => {
    const headers = {
      Authorization: `Bearer ${accessToken}`,
      'Client-Id': clientId,
      'User-Agent': 'PresenceHub',
      Accept: 'application/json',
    };
    try {
      // `retry` tells the SDK that this is the repetition already: it then repeats nothing, neither a 401 nor a 429.
      return await readAnswer(
        await sdk.send({ ...request, url: path, headers, skipAuthCheck: true, retry: true }),
      );
    } catch (error) {
      const { data } = failed.safeParse(error);
      if (data === undefined) throw networkFailure(error);
      return readAnswer(data.response);
    }
  };
  return async (tenantId, request) => {
    const answer = await withToken(
      tokens,
      () => tokens.ringCentral(tenantId),
      (accessToken) => sendOnce(accessToken, request),
    );
    if (!isSuccess(answer)) throw ringCentralFailure(answer, clock());
    return answer;
  };
}

/** The SDK's own fetch has no time-out, and the SDK chokes on an error that does not let itself be changed, as an abort's. */
async function fetchInTime(request: string | URL | Request, timeoutMs: number): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw new Error('No answer', { cause: error });
  }
}

const failed = z.object({ response: z.instanceof(Response) });

/** Some of RingCentral's services send only `errors` (RingCentral API guide, "Error codes"). */
const errorAnswer = z
  .object({ errorCode: openText, errors: z.array(z.object({ errorCode: openText })).catch([]) })
  .catch({ errorCode: undefined, errors: [] });

/** Codes that say more than the status they come with. */
const failureOfCode: ReadonlyMap<string | undefined, VendorFailure> = new Map([
  ['SUB-507', 'notFound'],
  ['CMN-102', 'notFound'],
]);

/** Without a Retry-After, the penalty of RingCentral's rate limits (RingCentral API guide, "Rate limits"). */
const penaltySeconds = 60;

function ringCentralFailure(answer: HttpAnswer, now: Date): VendorError {
  const { errorCode, errors } = errorAnswer.parse(parseJson(answer.body));
  const code = errorCode ?? errors.find((each) => each.errorCode !== undefined)?.errorCode;
  return refusal('RingCentral', answer.status, {
    failure: failureOfCode.get(code) ?? failureOfStatus(answer.status),
    code,
    wait: retryAfterSeconds(answer.headers.get('retry-after'), now),
    usualWait: penaltySeconds,
  });
}
