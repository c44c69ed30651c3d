/** `npm run docs`: writes the pages that are made from the program itself. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectDir } from '../local/stack/project.ts';
import { recordsOfProcessing } from './records-of-processing.ts';

const file = join(projectDir(), 'docs/records-of-processing.md');
await writeFile(file, await recordsOfProcessing(file));
