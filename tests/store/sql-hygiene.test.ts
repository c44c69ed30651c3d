/** Only a few files may step around the tenant scope; whoever needs another one adds it here, with eyes open. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const files = globSync('store/**/*.ts', { cwd: root }).toSorted();

function filesWith(pattern: RegExp): string[] {
  return files.filter((file) => pattern.test(withoutComments(readFileSync(join(root, file), 'utf8'))));
}

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}

describe('in store/', () => {
  test('queries are made without the scope by the upsert alone', () => {
    expect(filesWith(/withoutPlugins/)).toEqual(['store/upsert.ts']);
  });

  test('SQL is written by hand in the upsert, in migrations and in what is SQL Server’s own', () => {
    expect(filesWith(/\bsql(?:<[^>]*>)?`|\bsql\.(?:raw|join|ref|table|id|lit)\b/)).toEqual([
      'store/migration-words.ts',
      'store/migrations.ts',
      'store/sql-server/dialect.ts',
      'store/upsert.ts',
    ]);
  });

  test('what the upsert writes by hand names the tenant', () => {
    const source = readFileSync(join(root, 'store/upsert.ts'), 'utf8');
    expect(source.match(/withoutPlugins/g)).toHaveLength(1);
    expect(source).toContain('where ${target}.tenant_id = ${tenantId} and ');
  });

  test('nothing is run that was compiled elsewhere, but for the begin of SQLite’s transactions', () => {
    expect(filesWith(/CompiledQuery\.raw|\.executeQuery\(/)).toEqual(['store/sqlite/dialect.ts']);
  });

  test('the whole database is for migrations', () => {
    expect(filesWith(/\bwhole\b/)).toEqual(['store/database.ts', 'store/migrate.ts']);
  });

  test('what is asked across tenants is asked in few files', () => {
    expect(filesWith(/\bcommon\b/)).toEqual([
      'store/database.ts',
      'store/erasure.ts',
      'store/subscriptions.ts',
      'store/tenant-rows.ts',
      'store/tenants.ts',
    ]);
  });
});
