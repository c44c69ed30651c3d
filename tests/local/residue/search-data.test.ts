import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Needle } from '../../../local/residue/byte-search.ts';
import { describeFinding, misplaced, searchData, searchText } from '../../../local/residue/search-data.ts';

const name: Needle = { kind: 'name', label: 'a display name', text: 'Ada Almeida' };
const token: Needle = { kind: 'token', label: 'a token', text: 'aR-5hjR1Pq0xVnM2kLs8' };
const needles = [name, token];

let appData: string;
const opened: DatabaseSync[] = [];

beforeEach(() => {
  appData = mkdtempSync(join(tmpdir(), 'residue-'));
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  rmSync(appData, { recursive: true });
});

function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(appData, file)), { recursive: true });
  writeFileSync(join(appData, file), content);
}

/** A database that is still open, as a running stack's is: what was written last is in the write-ahead log. */
function database(file: string, statements: string): DatabaseSync {
  mkdirSync(dirname(join(appData, file)), { recursive: true });
  const made = new DatabaseSync(join(appData, file));
  opened.push(made);
  made.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${statements}`);
  return made;
}

const found = (): string[] => searchData(appData, needles).map(describeFinding);
const wrong = (): string[] => misplaced(searchData(appData, needles)).map(describeFinding);

test('a name in the table of users is where it belongs, and is found by column and in the bytes', () => {
  database(
    'presence-hub.sqlite',
    `CREATE TABLE users (display_name TEXT, job_title TEXT); INSERT INTO users VALUES ('${name.text}', 'Engineer')`,
  );
  expect(found()).toEqual([
    'a display name (name) as utf-8 in sql:users.display_name of presence-hub.sqlite',
    'a display name (name) as utf-8 in bytes of presence-hub.sqlite-wal',
  ]);
  expect(wrong()).toEqual([]);
});

test('a name in another column, or in a table that the map does not know, is not', () => {
  database(
    'presence-hub.sqlite',
    `CREATE TABLE users (job_title TEXT); INSERT INTO users VALUES ('for ${name.text}');
     CREATE TABLE drafts (body BLOB); INSERT INTO drafts VALUES (CAST('${name.text}' AS BLOB))`,
  );
  expect(wrong()).toEqual([
    'a display name (name) as utf-8 in sql:users.job_title of presence-hub.sqlite',
    'a display name (name) as utf-8 in sql:drafts.body of presence-hub.sqlite',
  ]);
});

test('a token belongs into the vault, under a name of a kind that the map knows', () => {
  database(
    'key-vault.sqlite',
    `CREATE TABLE versions (key TEXT, value TEXT);
     INSERT INTO versions VALUES ('ringcentral-0b5f6f0e/00000001', '{"value":"${token.text}"}')`,
  );
  expect(found()).toContain('a token (token) as utf-8 in secret:ringCentralGrantName of key-vault.sqlite');
  expect(wrong()).toEqual([]);
  opened[0]?.exec(`UPDATE versions SET key = 'backup-0b5f6f0e/00000001'`);
  expect(wrong()).toEqual(['a token (token) as utf-8 in secret:unknown of key-vault.sqlite']);
});

test('the task hub is told apart by orchestrations, entities and messages', () => {
  const held = JSON.stringify(JSON.stringify({ code: token.text }));
  database(
    'task-hub/task-hub.db',
    `CREATE TABLE instances (number INTEGER, name TEXT, input TEXT); INSERT INTO instances VALUES (3, 'tendTenant', NULL);
     CREATE TABLE history (instance INTEGER, events TEXT); INSERT INTO history VALUES (3, '${held}');
     CREATE TABLE entities (id TEXT, state TEXT); INSERT INTO entities VALUES ('@userpresence@x', '${held}');
     CREATE TABLE messages (body TEXT); INSERT INTO messages VALUES ('${held}')`,
  );
  expect(wrong()).toEqual([
    'a token (token) as utf-8 in orchestration:tendTenant of task-hub/task-hub.db',
    'a token (token) as utf-8 in entity:userPresence of task-hub/task-hub.db',
    'a token (token) as utf-8 in queue:taskHub of task-hub/task-hub.db',
    'a token (token) as utf-8 in bytes of task-hub/task-hub.db-wal',
  ]);
});

test('what was deleted is still found in the bytes as long as it is there', () => {
  const hub = database(
    'task-hub/task-hub.db',
    `CREATE TABLE messages (body TEXT); INSERT INTO messages VALUES ('${token.text}'); DELETE FROM messages`,
  );
  hub.exec('CREATE TABLE instances (number INTEGER, name TEXT)');
  expect(wrong()).toEqual(['a token (token) as utf-8 in bytes of task-hub/task-hub.db-wal']);
  hub.exec('PRAGMA secure_delete = ON; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  expect(wrong()).toEqual([]);
});

test('a file that the map does not know may hold nothing, not even in its name or packed', () => {
  write('dump/users.json.gz', gzipSync(JSON.stringify([name.text])));
  write(`dump/${token.text}.txt`, '');
  expect(wrong()).toEqual([
    `a token (token) as utf-8 in a place that is not in the data map of dump/${token.text}.txt`,
    'a display name (name) as utf-8 in gzip in a place that is not in the data map of dump/users.json.gz',
  ]);
});

test('an export file may hold what people may have a copy of, and no token', () => {
  write('blobs/blocks/1', `{"displayName":"${name.text}","code":"${token.text}"}`);
  expect(wrong()).toEqual(['a token (token) as utf-8 in bytes of blobs/blocks/1']);
});

test('telemetry may hold neither, whatever it is kept in', () => {
  database('logs/logs.sqlite', `CREATE TABLE items (value TEXT); INSERT INTO items VALUES ('${name.text}')`);
  expect(wrong()).toContain('a display name (name) as utf-8 in log:telemetry of logs/logs.sqlite');
});

test('a text is searched as one place', () => {
  expect(misplaced(searchText(`${name.text} called`, 'log:host', needles)).map(describeFinding)).toEqual([
    'a display name (name) as utf-8 in log:host',
  ]);
});
