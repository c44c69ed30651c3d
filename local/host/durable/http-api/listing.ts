/** Pages through instances and entities in the order of their ids. */
import type { EntityRow, Instance } from '../instance.ts';
import type { TaskHub } from '../task-hub.ts';
import { matches } from './filters.ts';
import type { InstanceFilter } from './filters.ts';

export type Listed =
  | { readonly kind: 'instance'; readonly id: string; readonly instance: Instance }
  | { readonly kind: 'entity'; readonly id: string; readonly entity: EntityRow };

const rowsPerRead = 500;

/** Up to `limit` of what matches after the id `after`; `next` is the id to go on from, if there is more. */
export function listPage(
  hub: TaskHub,
  filter: InstanceFilter,
  page: { after: string; limit: number },
): { rows: Listed[]; next: string | undefined } {
  const rows: Listed[] = [];
  for (const row of allAfter(hub, page.after, filter)) {
    const createdAt = row.kind === 'instance' ? row.instance.createdAt : row.entity.createdAt;
    const status = row.kind === 'instance' ? row.instance.status : 'Running';
    if (!matches(filter, createdAt, status)) continue;
    if (rows.length === page.limit) return { rows, next: rows.at(-1)?.id };
    rows.push(row);
  }
  return { rows, next: undefined };
}

/** Entities' ids begin with `@`; both tables are merged so that one page token serves them together. */
function* allAfter(hub: TaskHub, after: string, filter: InstanceFilter): Generator<Listed> {
  const instances = paged((id) => hub.store.instancesAfter(id, filter, rowsPerRead), after);
  const entities = paged((id) => hub.store.entitiesAfter(id, filter.prefix, rowsPerRead), after);
  let instance = instances.next();
  let entity = entities.next();
  while (!instance.done || !entity.done) {
    const takeEntity = instance.done || (!entity.done && entity.value.id < instance.value.id);
    if (takeEntity && !entity.done) {
      yield { kind: 'entity', id: entity.value.id, entity: entity.value };
      entity = entities.next();
    } else if (!instance.done) {
      yield { kind: 'instance', id: instance.value.id, instance: instance.value };
      instance = instances.next();
    }
  }
}

function* paged<T extends { id: string }>(read: (after: string) => T[], start: string): Generator<T> {
  let after = start;
  for (let rows = read(after); rows.length > 0; rows = read(after)) {
    for (const row of rows) {
      after = row.id;
      yield row;
    }
    if (rows.length < rowsPerRead) return;
  }
}
