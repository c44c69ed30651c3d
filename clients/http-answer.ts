/** What all vendor adapters read off an HTTP answer, and how its failures become `VendorError`s. */
import { z } from 'zod';
import { VendorError, type VendorFailure } from '../domain/vendor-error.ts';
import { openText } from './lenient.ts';

/** Longest any single vendor call may take before it counts as unavailable, in milliseconds. */
export const defaultTimeoutMs = 30_000;

/** An HTTP answer read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Reads the body too, so that the connection is free again. Rejects with `unavailable` when it breaks off. */
export async function readAnswer(response: Response): Promise<HttpAnswer> {
  try {
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch (error) {
    throw networkFailure(error);
  }
}

export function isSuccess(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** Parses a body as JSON; undefined when it is not. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The parsed body of a successful answer; `unavailable` when the vendor sent something else than it documents. */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: HttpAnswer): T {
  const parsed = schema.safeParse(parseJson(answer.body));
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.code}`).join(', ');
  throw new VendorError('unavailable', 'UnreadableAnswer', {
    cause: new Error(`Unreadable answer: ${wrong}`),
  });
}

const longestWaitSeconds = 86_400;

/**
 * Whole seconds to wait by a `Retry-After` header, which may be seconds, decimal seconds or an HTTP date; at least 1, at most a
 * day: then it is asked once more.
 * Undefined when it is absent or makes no sense; a date needs `now`.
 */
export function retryAfterSeconds(header: string | null | undefined, now?: Date): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const given = Number(text);
  const seconds = Number.isNaN(given) ? (Date.parse(text) - (now?.getTime() ?? Number.NaN)) / 1000 : given;
  return Number.isFinite(seconds) ? Math.min(Math.max(1, Math.ceil(seconds)), longestWaitSeconds) : undefined;
}

/** What an HTTP status means for the caller when the vendor's own code says nothing better. */
export function failureOfStatus(status: number): VendorFailure {
  if (status === 429) return 'throttled';
  if (status === 401) return 'consentRevoked';
  if (status === 404 || status === 410) return 'notFound';
  if (status === 409) return 'conflict';
  if (status === 408 || status >= 500 || status < 400) return 'unavailable';
  return 'rejected';
}

/** What an answer said besides its status: `wait` is its `Retry-After`, `usualWait` what to assume without one, in seconds. */
interface Refusal {
  readonly failure: VendorFailure;
  readonly code: string | undefined;
  readonly wait: number | undefined;
  readonly usualWait: number;
}

/** The error for an answer with a failing status. A code that is no plain word is dropped: it might be about a person. */
export function refusal(
  vendor: string,
  status: number,
  { failure, code, wait, usualWait }: Refusal,
): VendorError {
  const plain = code !== undefined && /^[\w.-]{1,80}$/.test(code) ? code : `HTTP${status}`;
  const seconds =
    failure === 'throttled' ? (wait ?? usualWait) : failure === 'unavailable' ? wait : undefined;
  return new VendorError(failure, plain, {
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
    cause: new Error(`HTTP ${status} from ${vendor}`),
  });
}

/**
 * The failure of a call that got no (whole) answer. The original error may carry the request with its token,
 * so only its kind is kept.
 */
export function networkFailure(error: unknown): VendorError {
  if (error instanceof VendorError) return error;
  const code = networkCode(error);
  return new VendorError('unavailable', code, { cause: new Error(`No answer: ${code}`) });
}

const described = z.object({
  name: openText,
  code: openText,
  cause: z.unknown().optional(),
});

/** `Timeout`, or the system's error code (such as ECONNREFUSED) from down the chain of causes, else `NetworkError`. */
function networkCode(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 5; depth += 1) {
    const { data } = described.safeParse(current);
    if (data === undefined) break;
    if ([data.name, data.code].some((text) => text === 'TimeoutError' || text === 'AbortError'))
      return 'Timeout';
    if (data.code !== undefined && /^[A-Z][A-Z_]+$/.test(data.code)) return data.code;
    current = data.cause;
  }
  return 'NetworkError';
}
