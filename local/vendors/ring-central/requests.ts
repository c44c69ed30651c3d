/** Reading requests strictly: JSON bodies, known query parameters only, pages. */
import type { Context } from 'hono';
import { invalidParameters, refused } from './errors.ts';

/** The JSON body, or undefined when there is none. @throws 415, or 400 CMN-103 when it is no JSON */
export async function jsonBody(context: Context): Promise<unknown> {
  const text = await context.req.text();
  if (text === '') return undefined;
  if (!(context.req.header('Content-Type') ?? '').startsWith('application/json')) {
    throw refused(415, 'CMN-104', 'Cannot parse request: the content type must be application/json');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refused(400, 'CMN-103', "JSON can't be parsed.");
  }
}

/** All values of each query parameter. @throws 400 CMN-101 for a parameter that is not `known` */
export function queryOf(
  context: Context,
  known: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  const query = context.req.queries();
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw invalidParameters(...unknown);
  return query;
}

/** A true/false query parameter, false when missing. @throws 400 CMN-101 */
export function flagOf(query: Readonly<Record<string, readonly string[]>>, name: string): boolean {
  const value = query[name]?.[0] ?? 'false';
  if (value !== 'true' && value !== 'false') throw invalidParameters(name);
  return value === 'true';
}

/** The address the client used, which RingCentral puts into every `uri`. */
export function originOf(context: Context): string {
  return new URL(context.req.url).origin;
}

const largestPage = 1000;
const defaultPerPage = 100;

/** One page of `all` in RingCentral's form; a larger `perPage` than 1000 is taken as 1000. @throws 400 CMN-101 */
export function pageOf<T>(
  context: Context,
  all: readonly T[],
): { records: readonly T[] } & Record<string, unknown> {
  const page = positive(context.req.query('page'), 'page') ?? 1;
  const perPage = Math.min(positive(context.req.query('perPage'), 'perPage') ?? defaultPerPage, largestPage);
  const totalPages = Math.max(1, Math.ceil(all.length / perPage));
  const start = (page - 1) * perPage;
  const records = all.slice(start, start + perPage);
  const link = (number: number): { uri: string } => ({ uri: pageUri(context, number, perPage) });
  return {
    uri: pageUri(context, page, perPage),
    records,
    paging: {
      page,
      perPage,
      totalPages,
      totalElements: all.length,
      ...(records.length > 0 ? { pageStart: start, pageEnd: start + records.length - 1 } : {}),
    },
    navigation: {
      firstPage: link(1),
      ...(page < totalPages ? { nextPage: link(page + 1) } : {}),
      ...(page > 1 ? { previousPage: link(page - 1) } : {}),
      lastPage: link(totalPages),
    },
  };
}

function positive(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalidParameters(name);
  return Number(text);
}

function pageUri(context: Context, page: number, perPage: number): string {
  const url = new URL(context.req.url);
  url.searchParams.set('page', String(page));
  url.searchParams.set('perPage', String(perPage));
  return url.href;
}
