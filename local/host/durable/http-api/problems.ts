/** Bodies that come in as JSON, and errors as the extension's HTTP API writes them. */
import { headerOf, jsonResponse } from '../../http/messages.ts';
import type { HostRequest, HostResponse } from '../../http/messages.ts';

export type JsonBody =
  { readonly ok: true; readonly text: string | null } | { readonly ok: false; readonly message: string };

export function hasJsonType(request: HostRequest): boolean {
  return headerOf(request, 'content-type')?.toLowerCase().startsWith('application/json') ?? false;
}

/** The body as JSON text; `null` when there is none. */
export function readJsonBody(request: HostRequest): JsonBody {
  const text = request.body.toString('utf8');
  if (text.trim() === '') return { ok: true, text: null };
  try {
    JSON.parse(text);
    return { ok: true, text };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

export function argumentError(message: string): HostResponse {
  const summary = 'One or more of the arguments submitted is incorrect';
  return jsonResponse(400, problem(summary, message, 'System.ArgumentException'));
}

export function internalError(message: string): HostResponse {
  const summary = 'Something went wrong while processing your request';
  return jsonResponse(500, problem(summary, message, 'System.InvalidOperationException'));
}

function problem(summary: string, message: string, type: string): object {
  return { Message: summary, ExceptionMessage: message, ExceptionType: type, StackTrace: '' };
}
