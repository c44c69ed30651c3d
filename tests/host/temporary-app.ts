/** Apps that differ in their host.json only: a folder of their own, with the code of the `workflows` app. */
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workflowsDir } from './workflow-driver.ts';

const nodeModules = join(import.meta.dirname, '../../node_modules');

/** @param durableTask that section of host.json. @param source CommonJS code of the app's own, besides. */
export function temporaryApp(durableTask: object, host: object = {}, source = ''): string {
  const dir = mkdtempSync(join(tmpdir(), 'app-'));
  symlinkSync(nodeModules, join(dir, 'node_modules'));
  writeFileSync(join(dir, 'package.json'), '{"name":"temporary","type":"commonjs","main":"app.js"}');
  writeFileSync(
    join(dir, 'host.json'),
    JSON.stringify({ version: '2.0', ...host, extensions: { durableTask } }),
  );
  const parts = ['client', 'activities', 'orchestrations', 'entities'];
  const requires = parts.map((part) => `require(${JSON.stringify(join(workflowsDir, 'src', part))});`);
  writeFileSync(join(dir, 'app.js'), `${requires.join('\n')}\n${source}`);
  return dir;
}
