/** Rules about what is shipped that neither the compiler nor the linter can check: who speaks, and who reads the clock. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parseSync } from '@swc/core';

const root = join(import.meta.dirname, '..');
const rooms = '{triggers,orchestrators,entities,activities,contracts,domain,clients,store}/**/*.ts';
const shipped = globSync(['app.ts', 'config.ts', 'clock.ts', rooms], { cwd: root }).toSorted();

interface Node {
  type: string;
  [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Every node of the file's syntax tree. */
function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const each of value) yield* nodesOf(each);
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) yield value;
    for (const each of Object.values(value)) yield* nodesOf(each);
  }
}

const parse = (source: string): Node[] => [...nodesOf(parseSync(source, { syntax: 'typescript' }))];

const nameOf = (node: unknown): string | undefined =>
  isNode(node) && node.type === 'Identifier' && typeof node['value'] === 'string' ? node['value'] : undefined;

const spoken = new Set(['log', 'info', 'warn', 'error', 'debug', 'trace']);

/** What is written to a log other than through telemetry: `console`, or a method that logs, of whatever object. */
function speaks(node: Node): boolean {
  if (nameOf(node) === 'console') return true;
  if (node.type !== 'CallExpression' || !isNode(node['callee'])) return false;
  const { type, object, property } = node['callee'];
  return type === 'MemberExpression' && nameOf(object) !== 'Math' && spoken.has(nameOf(property) ?? '');
}

/** `new Date()`, `Date()`, `Date.now()`, `performance.now()`. */
function readsTheClock(node: Node): boolean {
  const { callee } = node;
  if (node.type === 'NewExpression') {
    const given = node['arguments'];
    return nameOf(callee) === 'Date' && (!Array.isArray(given) || given.length === 0);
  }
  if (node.type !== 'CallExpression' || !isNode(callee)) return false;
  if (nameOf(callee) === 'Date') return true;
  const isNow = callee.type === 'MemberExpression' && nameOf(callee['property']) === 'now';
  return isNow && ['Date', 'performance'].includes(nameOf(callee['object']) ?? '');
}

const breakers = (rule: (node: Node) => boolean): string[] =>
  shipped.filter((file) => parse(readFileSync(join(root, file), 'utf8')).some(rule));

test('all shipped files are looked at', () => {
  expect(shipped.length).toBeGreaterThan(60);
  expect(shipped).toContain('clients/telemetry/telemetry.ts');
});

describe('operators are told through telemetry alone', () => {
  test('no shipped file writes to the console or to the log of its invocation', () => {
    expect(breakers(speaks)).toEqual([]);
  });

  test.each([
    'console.log(1)',
    'const { log } = console;',
    'context.log("hello")',
    'context.warn(`${userId}`)',
    'tools.context.error(error)',
    'invocation.debug()',
  ])('and this would be seen: %s', (source) => {
    expect(parse(source).some(speaks)).toBe(true);
  });

  test.each(['Math.log(2)', 'parsed.error.issues.map(read)', 'telemetry.record("x", {})', 'error(shape)'])(
    'while this is not meant: %s',
    (source) => {
      expect(parse(source).some(speaks)).toBe(false);
    },
  );
});

describe('the time comes from clock.ts alone', () => {
  test('no other shipped file reads the wall clock', () => {
    expect(breakers(readsTheClock)).toEqual(['clock.ts']);
  });

  test.each(['new Date()', 'new Date', 'Date()', 'Date.now()', 'performance.now()'])(
    'and this would be seen: %s',
    (source) => {
      expect(parse(source).some(readsTheClock)).toBe(true);
    },
  );

  test.each(['new Date(at)', 'Date.parse(at)', 'clock().getTime()', 'value instanceof Date'])(
    'while this is not meant: %s',
    (source) => {
      expect(parse(source).some(readsTheClock)).toBe(false);
    },
  );
});
