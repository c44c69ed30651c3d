/**
 * The search for residue: looks for known personal data, tokens and secrets in all that the app keeps, whatever file it is
 * in and however it is encoded, and says where the data map does not name the place for it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mayHold } from '../../domain/data-map.ts';
import { locatorOf, placesInFile } from './app-files.ts';
import { ByteSearch, type Needle } from './byte-search.ts';
import { isSqlite, readSqlite, type Row, type SqliteCopy } from './sqlite-copy.ts';
import { unpack } from './unpack.ts';

export interface Finding {
  readonly needle: Needle;
  /** The path below the searched folder; empty for a text. */
  readonly file: string;
  /** How it was written there: `utf-8`, `base64`, `utf-8 in gzip`. */
  readonly encoding: string;
  /** By row and column, or in the bytes of the file, deleted and superseded content included. */
  readonly seenAs: 'row' | 'bytes';
  /** Where in the data map: one place for a row, all places of the file for bytes, none where the map does not know it. */
  readonly places: readonly string[];
}

/** Packed within packed within packed. */
const deepest = 3;

/** Searches all files below the stack's app data. A database is searched by its rows, and all its bytes besides. */
export function searchData(appData: string, needles: readonly Needle[]): Finding[] {
  const search = new ByteSearch(needles);
  return filesBelow(appData).flatMap((file) => {
    const bytes = readFileSync(join(appData, file));
    const inBytes = { file, seenAs: 'bytes', places: placesInFile(file) } as const;
    const named = look(search, Buffer.from(file)).map((hit) => ({ ...hit, ...inBytes }));
    const held = look(search, bytes).map((hit) => ({ ...hit, ...inBytes }));
    return [...named, ...held, ...searchRows(appData, file, search)];
  });
}

/** Searches a text that is at one place, such as what a host has said. */
export function searchText(text: string, place: string, needles: readonly Needle[]): Finding[] {
  const hits = look(new ByteSearch(needles), Buffer.from(text));
  return hits.map((hit) => ({ ...hit, file: '', seenAs: 'bytes', places: [place] }));
}

/** What the data map does not name such a place for. Bytes count as rightly there if any place of their file may hold it. */
export function misplaced(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ places, needle }) => !places.some((place) => mayHold(place, needle.kind)));
}

/** A finding in words that do not repeat it. */
export function describeFinding({ needle, file, encoding, seenAs, places }: Finding): string {
  const [place = 'a place that is not in the data map', ...others] = places;
  const where = seenAs === 'row' || others.length === 0 ? place : 'bytes';
  return `${needle.label} (${needle.kind}) as ${encoding} in ${where}${file === '' ? '' : ` of ${file}`}`;
}

/** All files below a folder, by their paths with slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => existsSync(file))
    .map((file) => file.slice(folder.length + 1).replaceAll('\\', '/'))
    .sort();
}

function searchRows(appData: string, file: string, search: ByteSearch): Finding[] {
  const path = join(appData, file);
  if (!isSqlite(path)) return [];
  return readSqlite(path, (copy) => {
    const locate = locatorOf(file, copy);
    const findings = new Map<string, Finding>();
    for (const { table, column, value, row } of cellsOf(copy)) {
      for (const hit of look(search, value)) {
        const place = locate(table, column, row);
        const key = [hit.needle.kind, hit.needle.text, hit.encoding, place].join('\0');
        findings.set(key, { ...hit, file, seenAs: 'row', places: [place] });
      }
    }
    return [...findings.values()];
  });
}

function* cellsOf(copy: SqliteCopy): Generator<{ table: string; column: string; value: Buffer; row: Row }> {
  for (const table of copy.tables) {
    for (const row of copy.rows(table)) {
      for (const [column, held] of Object.entries(row)) {
        if (held === null) continue;
        const value = Buffer.from(held instanceof Uint8Array ? held : String(held));
        yield { table, column, value, row };
      }
    }
  }
}

function look(search: ByteSearch, bytes: Buffer, depth = 0): Pick<Finding, 'needle' | 'encoding'>[] {
  const hits = search.in(bytes);
  if (depth === deepest) return hits;
  const packed = unpack(bytes).flatMap(({ form, bytes: content }) =>
    look(search, content, depth + 1).map((hit) => ({ ...hit, encoding: `${hit.encoding} in ${form}` })),
  );
  return [...hits, ...packed];
}
