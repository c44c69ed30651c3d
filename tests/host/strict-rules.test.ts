import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { complaint, strictRules } from '../../local/host/durable/strict-rules.ts';

const readme = readFileSync(join(import.meta.dirname, '../../local/host/README.md'), 'utf8');
const rows = readme.split('\n').map((line) => line.replaceAll(/ +/g, ' '));

describe('the rules of strict mode', () => {
  test.each(Object.entries(strictRules))('%s stands in the README as it is', (id, rule) => {
    const [address] = rule.citation.split(' ');
    expect(rows).toContain(`| [${id}](${address}) | ${rule.problem} | ${rule.strict} | ${rule.lenient} |`);
  });

  test('name the culprit and cite where the defect is known', () => {
    const text = complaint('retry-timeout', "Orchestrator 'pay' (instance 'p1')", 'the calls failed');
    expect(text).toMatch(/^Orchestrator 'pay' \(instance 'p1'\): the calls failed\. .*issues\/629\)\.$/);
  });
});
