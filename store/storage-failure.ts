/** Turns what the storage SDK throws into `VendorError`s; used by the adapters of Azure's blob storage. */
import { z } from 'zod';
import { VendorError, type VendorFailure } from '../domain/vendor-error.ts';

const text = z.string().optional().catch(undefined);
const described = z.object({
  name: text,
  code: text,
  statusCode: z.number().optional().catch(undefined),
  details: z.object({ errorCode: text }).optional().catch(undefined),
  response: z
    .object({ headers: z.custom<{ get(name: string): string | undefined }>(hasGet) })
    .optional()
    .catch(undefined),
});

function hasGet(headers: unknown): boolean {
  return (
    typeof headers === 'object' && headers !== null && 'get' in headers && typeof headers.get === 'function'
  );
}

/** What to wait for when storage is busy and does not say how long, in seconds. */
const usualWait = 5;

/**
 * The error's own text and request hold the address with its signature, so it is not passed on as the cause.
 * What is no failure of storage or of the way there, such as a mistake in this program, comes back as it is.
 */
export function storageFailure(error: unknown): unknown {
  if (error instanceof VendorError) return error;
  const { data } = described.safeParse(error);
  if (data === undefined) return error;
  // The identity that was to sign in could not: that says nothing about storage.
  if (/^(Authentication|Credential|AggregateAuthentication)/.test(data.name ?? '')) {
    return new VendorError('unavailable', plain(data.name) ?? 'SignIn');
  }
  if (data.statusCode !== undefined) return refusal(data, data.statusCode);
  if (data.name === 'AbortError' || data.name === 'TimeoutError')
    return new VendorError('unavailable', 'Timeout');
  if (data.name === 'RestError') return new VendorError('unavailable', plain(data.code) ?? 'NetworkError');
  return error;
}

function refusal({ details, code, response }: z.infer<typeof described>, status: number): VendorError {
  const word = plain(details?.errorCode ?? code) ?? `HTTP${status}`;
  // For some seconds a container that was deleted cannot be made again.
  const failure = word === 'ContainerBeingDeleted' ? 'unavailable' : failureOfStatus(status);
  const wait = Number(response?.headers.get('retry-after'));
  return new VendorError(failure, word, {
    ...(failure === 'throttled' && { retryAfterSeconds: wait > 0 ? Math.ceil(wait) : usualWait }),
    cause: new Error(`HTTP ${status} from storage`),
  });
}

/** A code that is no plain word is dropped: it might hold anything. */
function plain(code: string | undefined): string | undefined {
  return code !== undefined && /^[\w.-]{1,80}$/.test(code) ? code : undefined;
}

/** Storage throttles with 503 (Azure Storage, "Status and error codes": ServerBusy). */
function failureOfStatus(status: number): VendorFailure {
  if (status === 429 || status === 503) return 'throttled';
  if (status === 404) return 'notFound';
  if (status === 409 || status === 412) return 'conflict';
  if (status === 408 || status >= 500) return 'unavailable';
  return 'rejected';
}
