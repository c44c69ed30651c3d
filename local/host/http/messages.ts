/** Requests and answers inside the host, free of any server library. */
import type { IncomingHttpHeaders } from 'node:http';

export interface RequestHead {
  readonly method: string;
  /** Absolute, as the client wrote it. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

export interface HostRequest extends RequestHead {
  readonly body: Buffer;
}

export interface HostResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: Uint8Array | string;
}

export const notFound: HostResponse = { status: 404 };

export function jsonResponse(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): HostResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** The one value of a header, when the client sent it. */
export function headerOf(request: RequestHead, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A body as JSON; undefined when it is none. */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
