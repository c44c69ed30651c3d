import { describe, expect, test } from '@jest/globals';
import { compareVersions, runsVersion } from '../../local/host/durable/versions.ts';

describe('versions', () => {
  test.each([
    ['', '', 0],
    ['', '1.0', -1],
    ['1.0', '', 1],
    ['1.10', '1.9', 1],
    ['1.0', '1.0.0', -1],
    ['2.0.0.1', '2.0.0.0', 1],
    ['beta', 'Alpha', 1],
    ['BETA', 'beta', 0],
  ])('of %p and %p are in the order %p', (a, b, order) => {
    expect(Math.sign(compareVersions(a, b))).toBe(order);
  });

  test.each([
    ['CurrentOrOlder', '1.0', true],
    ['CurrentOrOlder', '3.0', false],
    ['CurrentOrOlder', '', true],
    ['Strict', '1.0', false],
    ['Strict', '2.0', true],
    ['None', '3.0', true],
  ] as const)('with %s, an app of 2.0 runs %p: %p', (versionMatch, version, runs) => {
    expect(runsVersion(version, { defaultVersion: '2.0', versionMatch })).toBe(runs);
  });

  test('do not matter to an app that has none', () => {
    expect(runsVersion('9.9', { defaultVersion: '', versionMatch: 'Strict' })).toBe(true);
  });
});
