import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { recordsOfProcessing } from '../../docs/records-of-processing.ts';
import { projectDir } from '../../local/stack/project.ts';

const file = join(projectDir(), 'docs/records-of-processing.md');

test('the records of processing say what the data map says; else run `npm run docs`', async () => {
  expect(await readFile(file, 'utf8')).toBe(await recordsOfProcessing(file));
});
