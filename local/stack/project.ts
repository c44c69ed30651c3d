/** Where the project lies, seen from its sources as well as from its compiled files. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the project's package.json. */
export function projectDir(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
