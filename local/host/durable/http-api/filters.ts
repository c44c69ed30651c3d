/** The filters of lists and purges, read from the query. */
import { runtimeStatuses } from '../instance.ts';
import type { RuntimeStatus } from '../instance.ts';

export interface InstanceFilter {
  /** ms since 1970. */
  readonly createdFrom: number | undefined;
  /** ms since 1970. */
  readonly createdTo: number | undefined;
  /** All of them, when empty. */
  readonly statuses: ReadonlySet<RuntimeStatus>;
  readonly prefix: string;
}

/** Names of unknown statuses are passed over, as the extension does. */
export function readFilter(query: URLSearchParams): InstanceFilter {
  const names = query
    .getAll('runtimeStatus')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase());
  return {
    createdFrom: timeIn(query, 'createdTimeFrom'),
    createdTo: timeIn(query, 'createdTimeTo'),
    statuses: new Set(runtimeStatuses.filter((status) => names.includes(status.toLowerCase()))),
    prefix: query.get('instanceIdPrefix') ?? '',
  };
}

export function matches(filter: InstanceFilter, createdAt: number, status: RuntimeStatus): boolean {
  if (filter.createdFrom !== undefined && createdAt < filter.createdFrom) return false;
  if (filter.createdTo !== undefined && createdAt > filter.createdTo) return false;
  return filter.statuses.size === 0 || filter.statuses.has(status);
}

/** A time in the query, ms since 1970; what is not a time counts as absent. */
export function timeIn(query: URLSearchParams, name: string): number | undefined {
  const time = Date.parse(query.get(name) ?? '');
  return Number.isNaN(time) ? undefined : time;
}

export function flagIn(query: URLSearchParams, name: string, otherwise: boolean): boolean {
  const value = query.get(name)?.toLowerCase();
  if (value === 'true') return true;
  return value === 'false' ? false : otherwise;
}

/** How many rows a page has; 100 unless asked otherwise. */
export function pageSize(query: URLSearchParams): number {
  const top = Number(query.get('top'));
  return Number.isInteger(top) && top > 0 ? top : 100;
}
