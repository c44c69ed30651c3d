/** Which places of the data map the files under the stack's app data stand for, and each row of those that are databases. */
import { z } from 'zod';
import { places, secretKindOf } from '../../domain/data-map.ts';
import type { Row, SqliteCopy } from './sqlite-copy.ts';

/** The place of a row's column, `unknown…` where the map has none. */
export type Locate = (table: string, column: string, row: Row) => string;

interface AppFile {
  readonly path: RegExp;
  readonly places: readonly string[];
  /** How rows are told apart, in a database. */
  readonly locate?: (copy: SqliteCopy) => Locate;
}

const placesLike = (beginning: string): string[] =>
  [...places.keys()].filter((id) => id.startsWith(beginning));

const files: readonly AppFile[] = [
  {
    path: /^presence-hub\.sqlite(-wal|-shm)?$/,
    places: placesLike('sql:'),
    locate: () => (table, column) => `sql:${table}.${column}`,
  },
  {
    path: /^key-vault\.sqlite(-wal|-shm)?$/,
    places: placesLike('secret:'),
    locate: () => (_table, _column, row) => `secret:${secretKindOf(secretName(row)) ?? 'unknown'}`,
  },
  {
    path: /^task-hub\/task-hub\.db(-wal|-shm)?$/,
    places: [...placesLike('entity:'), ...placesLike('orchestration:'), 'queue:taskHub', 'host:storage'],
    locate: locateInTaskHub,
  },
  { path: /^task-hub\/host\.lock(-\w+)?$/, places: ['host:storage'] },
  { path: /^task-hub\/keys\.json$/, places: ['host:keys'] },
  { path: /^app-secrets\.json$/, places: ['settings:app'] },
  { path: /^blobs\//, places: placesLike('blobs:') },
  { path: /^logs\//, places: ['log:telemetry'], locate: () => () => 'log:telemetry' },
];

/** The places in a file, by its path below the app data; none where the map does not know it. */
export function placesInFile(path: string): readonly string[] {
  return fileAt(path)?.places ?? [];
}

/** How rows of the database at `path` are located. */
export function locatorOf(path: string, copy: SqliteCopy): Locate {
  return fileAt(path)?.locate?.(copy) ?? ((table, column) => `unknown:${table}.${column}`);
}

function fileAt(path: string): AppFile | undefined {
  return files.find((file) => file.path.test(path));
}

/** The vault's documents lie under the secret's name and a number. */
function secretName({ key }: Row): string {
  return String(key).split('/', 1)[0] ?? '';
}

const orchestrationSchema = z.object({ number: z.number(), name: z.string() });

function locateInTaskHub(copy: SqliteCopy): Locate {
  const instances = z.array(orchestrationSchema).parse(copy.rows('instances'));
  const names = new Map(instances.map(({ number, name }) => [number, name]));
  return (table, _column, row) => {
    switch (table) {
      case 'instances':
        return `orchestration:${String(row['name'])}`;
      case 'history':
        return `orchestration:${names.get(Number(row['instance'])) ?? 'unknown'}`;
      case 'entities':
        return entityPlace(String(row['id']));
      case 'messages':
      case 'activities':
        return 'queue:taskHub';
      case 'timer_triggers':
        return 'host:storage';
      default:
        return `unknown:${table}`;
    }
  };
}

/** The host keeps the names of entities in small letters: `@userpresence@key`. */
function entityPlace(id: string): string {
  const [, name = ''] = id.split('@');
  return placesLike('entity:').find((place) => place.toLowerCase() === `entity:${name}`) ?? `entity:${name}`;
}
