/**
 * The data map: every place where the product keeps data, whose it is, why it is there, how long, how it goes, and which
 * copies it goes into. Erasure, export, the search for residue and `docs/records-of-processing.md` follow from it; tests
 * hold it against the database, the app, the vault and the disk (`tests/domain/data-map.test.ts`, `tests/flows/data-at-rest.flow.ts`).
 */
import { entities, hosting, orchestrations } from './data-map/durable.ts';
import { others, secrets } from './data-map/elsewhere.ts';
import { tables } from './data-map/tables.ts';
import {
  dataKinds,
  type Category,
  type Column,
  type DataKind,
  type Place,
  type Table,
} from './data-map/words.ts';

export type TableName = keyof typeof tables;
export type SecretKind = keyof typeof secrets;
export type EntityName = keyof typeof entities;
/** The tables that go into copies. */
export type CopiedTable = {
  [T in TableName]: (typeof tables)[T]['copied']['into'] extends 'none' ? never : T;
}[TableName];

const tableMap: Readonly<Record<string, Table>> = tables;

/** Every place by its id: `sql:users`, `secret:graphGrantName`, `entity:tenant`, `orchestration:…`, `blobs:…`, and so on. */
export const places: ReadonlyMap<string, Place> = new Map<string, Place>([
  ...Object.entries(tables).map(([name, table]) => [`sql:${name}`, placeOfTable(table)] as const),
  ...Object.entries(secrets).map(([name, place]) => [`secret:${name}`, place] as const),
  ...Object.entries(entities).map(([name, place]) => [`entity:${name}`, place] as const),
  ...Object.entries(orchestrations).map(([name, place]) => [`orchestration:${name}`, place] as const),
  ...Object.entries(hosting),
  ...Object.entries(others),
]);

/** The places of a category, by id. */
export function placesOf(category: Category): [id: string, place: Place][] {
  return [...places].filter(([, place]) => place.category === category);
}

/** The tables of a category, in the order in which a tenant's rows may be erased from them. */
export function tablesOf(category: Category): TableName[] {
  return (Object.keys(tables) as TableName[]).filter((name) => tables[name].category === category);
}

/** The kinds of secret in the order in which a tenant's are purged. */
export function secretsInOrder(): SecretKind[] {
  return (Object.keys(secrets) as SecretKind[]).sort(
    (one, other) => secrets[one].erased.turn - secrets[other].erased.turn,
  );
}

/** The kind of secret that has a name like this; undefined where the map knows none. */
export function secretKindOf(name: string): SecretKind | undefined {
  return (Object.keys(secrets) as SecretKind[]).find((kind) => isNamedLike(secrets[kind].named, name));
}

/** Whether an id was made like `template`, in which `{…}` stands for a part of it. */
function isNamedLike(template: string, id: string): boolean {
  const parts = template.split(/\{\w+\}/).map((part) => part.replaceAll(/[^\w]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.+')}$`).test(id);
}

/** The columns of a table, each with what it holds. */
export function columnsOf(table: TableName): Readonly<Record<string, Column>> {
  return tables[table].columns;
}

/** Whether a column tells something of a natural person. */
export function isPersonal<T extends TableName>(
  table: T,
  column: keyof (typeof tables)[T]['columns'] & string,
): boolean {
  return kindsOf(tableMap[table]?.columns[column]).some((kind) => dataKinds[kind].personal);
}

/** Whether the map says that such data is at this place: `sql:users`, or a column of it, `sql:users.mail`. */
export function mayHold(placeId: string, kind: DataKind): boolean {
  const [, table = '', column] = /^sql:(\w+)\.(\w+)$/.exec(placeId) ?? [];
  if (column !== undefined) return kindsOf(tableMap[table]?.columns[column]).includes(kind);
  return places.get(placeId)?.holds.includes(kind) ?? false;
}

function placeOfTable({ columns, ...table }: Table): Place {
  const holds = new Set(Object.values(columns).flatMap(kindsOf));
  return { ...table, where: 'Azure SQL Database', holds: [...holds] };
}

function kindsOf(column: Column | undefined): DataKind[] {
  const [, ...kinds] = column ?? [''];
  return kinds;
}
