/** The pages that are made from the program say what it does. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lifecycle } from '../../docs/lifecycle.ts';
import { recordsOfProcessing } from '../../docs/records-of-processing.ts';
import { tenantStates, transitions } from '../../domain/lifecycle.ts';
import { projectDir } from '../../local/stack/project.ts';

test.each([
  ['docs/records-of-processing.md', recordsOfProcessing],
  ['docs/lifecycle.md', lifecycle],
])('%s is as the program has it; else run `npm run docs`', async (path, make) => {
  const file = join(projectDir(), path);
  expect(await readFile(file, 'utf8')).toBe(await make(file));
});

test('the diagram has every transition of the table, and no other', async () => {
  const page = await readFile(join(projectDir(), 'docs/lifecycle.md'), 'utf8');
  const drawn = [...page.matchAll(/^ +(\S+) --> (\S+): (\w+)$/gm)].map(([, from, to, event]) =>
    [from === '[*]' ? 'unknown' : from, event, to].join(' '),
  );
  const known = (['unknown', ...tenantStates] as const).flatMap((from) =>
    Object.entries(transitions[from]).map(([event, to]) => [from, event, to].join(' ')),
  );
  expect(drawn.toSorted()).toEqual(known.toSorted());
});
