/** Values between the host and the worker, in the worker protocol's wrapping. */
import type { TypedData } from './types.ts';

/** Wraps a JSON value so that the app gets exactly it. */
export function jsonData(value: unknown): TypedData {
  return value === undefined ? {} : { json: JSON.stringify(value) };
}

/** What a function returned, as JSON text; `null` when it returned nothing. Bytes become base64 text, as in Azure. */
export function toJsonText(data: TypedData | null | undefined): string | null {
  if (!data) return null;
  if (data.json !== undefined && data.json !== null) return data.json;
  if (data.string !== undefined && data.string !== null) return JSON.stringify(data.string);
  if (data.int !== undefined && data.int !== null) return JSON.stringify(data.int);
  if (data.double !== undefined && data.double !== null) return JSON.stringify(data.double);
  if (data.bytes) return JSON.stringify(Buffer.from(data.bytes).toString('base64'));
  return null;
}
