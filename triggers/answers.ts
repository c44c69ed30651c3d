/** The answers every door gives alike: problems as problem+json (RFC 9457), bodies read with a limit. */
import { setTimeout } from 'node:timers/promises';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';

/** What a door answers, with its headers by name. */
export interface Answer extends HttpResponseInit {
  headers?: Record<string, string>;
}

/** A notification batch is a few kilobytes; whatever is far beyond is no notification. */
const largestBody = 1_048_576;

/** A refusal that tells the sender what is wrong, and which fields, but repeats nothing that was sent. */
export function problem(status: number, title: string, errors?: Record<string, string>): Answer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json' },
    jsonBody: { type: 'about:blank', title, status, ...(errors && { errors }) },
  };
}

/** What belongs to one customer is kept by no cache. */
export const noStore = { 'cache-control': 'no-store' };

/** The body as text, or the refusal to send. */
export async function readText(request: HttpRequest): Promise<{ text: string } | { refusal: Answer }> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > largestBody) return { refusal: tooLarge() };
  const text = await request.text();
  return Buffer.byteLength(text) > largestBody ? { refusal: tooLarge() } : { text };
}

/** The text parsed as JSON, or the refusal to send. */
export function parseJson(text: string): { body: unknown } | { refusal: Answer } {
  try {
    return { body: JSON.parse(text) as unknown };
  } catch {
    return { refusal: problem(400, 'The body is not JSON.', { body: 'must be JSON' }) };
  }
}

/** The body parsed as JSON, or the refusal to send. */
export async function readJson(request: HttpRequest): Promise<{ body: unknown } | { refusal: Answer }> {
  const read = await readText(request);
  return 'refusal' in read ? read : parseJson(read.text);
}

/** What `asked` comes to, if within so many milliseconds; rejects otherwise, and leaves it to end by itself. */
export async function answerWithin<T>(milliseconds: number, asked: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = setTimeout(milliseconds, undefined, { signal: over.signal }).then(() => {
    throw new Error(`No answer within ${milliseconds} ms.`);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    late.catch(() => undefined);
    over.abort();
  }
}

function tooLarge(): Answer {
  return problem(413, 'The body is too large.', { body: `must be at most ${largestBody} bytes` });
}
