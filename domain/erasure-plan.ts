/**
 * What of one tenant's is to be looked for when a category is erased, place by place: it follows from the data map. Ids are
 * found by how they begin, because nothing tells what their ends may be any more once the tenant's rows are gone.
 */
import { placesOf, secretsInOrder, tablesOf, type TableName } from './data-map.ts';
import { secrets } from './data-map/elsewhere.ts';
import { tables } from './data-map/tables.ts';
import type { ErasedCategory, Erasure } from './data-map/words.ts';

/** Rows that say that something is to be erased: each goes by itself, once that is done. */
const erasureOrders = 'due_deletions';

export type ErasedTable = Exclude<
  {
    [Name in TableName]: (typeof tables)[Name]['erased']['by'] extends 'tenantRows' ? Name : never;
  }[TableName],
  typeof erasureOrders
>;

/** Something that is found at a place by how its id or name begins. */
export interface Begun {
  readonly placeId: string;
  readonly prefix: string;
}

export interface ErasurePlan {
  /** Orchestrations, their histories included. */
  readonly instances: readonly Begun[];
  /** By their ids in the task hub. */
  readonly entities: readonly Begun[];
  /** In the order in which they are to be purged. */
  readonly secrets: readonly Begun[];
  /** Places whose blobs lie in a folder of the tenant's. */
  readonly blobs: readonly string[];
  /** In the order in which their rows may be erased. */
  readonly tables: readonly ErasedTable[];
}

/** The plan for one category of a tenant's data. */
export function erasurePlan(tenantId: string, category: ErasedCategory): ErasurePlan {
  const found = placesOf(category).map(([placeId, { erased }]) => tracesAt(placeId, erased, tenantId));
  return {
    instances: found.flatMap(({ instances = [] }) => instances),
    entities: found.flatMap(({ entities = [] }) => entities),
    secrets: secretsInOrder()
      .filter((kind) => secrets[kind].category === category)
      .flatMap((kind) => begun(`secret:${kind}`, secrets[kind].named, tenantId)),
    blobs: found.flatMap(({ blobs = [] }) => blobs),
    tables: tablesOf(category).filter(isErasedTable),
  };
}

function tracesAt(
  placeId: string,
  erased: Erasure,
  tenantId: string,
): Partial<Pick<ErasurePlan, 'instances' | 'entities' | 'blobs'>> {
  switch (erased.by) {
    case 'instancePurge':
      return { instances: erased.ids.flatMap((id) => begun(placeId, id, tenantId)) };
    case 'entityPurge': {
      const [, name = ''] = placeId.split(':');
      // The task hub keeps names of entities in small letters.
      return { entities: begun(placeId, `@${name.toLowerCase()}@${erased.key}`, tenantId) };
    }
    case 'blobRemoval':
      return { blobs: [placeId] };
    // Secrets and tables have orders of their own.
    case 'secretPurge':
    case 'tenantRows':
    case 'addressee':
    case 'ageing':
    case 'nothing':
      return {};
  }
}

function isErasedTable(name: TableName): name is ErasedTable {
  return tables[name].erased.by === 'tenantRows' && name !== erasureOrders;
}

/**
 * How an id of the tenant's begins: up to the next part that varies. None where the template does not name the tenant at
 * all, because everybody's ids begin so; such instances go by their age.
 */
function begun(placeId: string, template: string, tenantId: string): Begun[] {
  const [before, after] = template.split('{tenantId}');
  if (before === undefined || after === undefined || before.includes('{')) return [];
  return [{ placeId, prefix: `${before}${tenantId}${after.split('{', 1)[0] ?? ''}` }];
}

const minute = 60;

/** How long the next round waits once so many have left something: from a minute up to an hour. */
export function secondsBeforeRound(rounds: number): number {
  return Math.min(minute * 2 ** Math.max(0, rounds - 1), 60 * minute);
}

/**
 * How long all has to have been gone before it counts as gone: no function runs for longer (`host.json`), so that what was
 * under way when its work was ended has ended, too.
 */
export const quietSeconds = 10 * minute;

const hourMs = 3_600_000;

/** An erasure is late an hour after it was due. */
export function isLate(dueAt: Date, now: Date): boolean {
  return hoursLate(dueAt, now) >= 1;
}

/** Whole hours since it was due. */
export function hoursLate(dueAt: Date, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - dueAt.getTime()) / hourMs));
}
