/** `npm run docs`: writes the pages that are made from the program itself. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectDir } from '../local/stack/project.ts';
import { lifecycle } from './lifecycle.ts';
import { recordsOfProcessing } from './records-of-processing.ts';

const pages = { 'docs/records-of-processing.md': recordsOfProcessing, 'docs/lifecycle.md': lifecycle };
for (const [path, make] of Object.entries(pages)) {
  const file = join(projectDir(), path);
  await writeFile(file, await make(file));
}
