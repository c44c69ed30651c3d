/** Finds and loads the app's entry files, as the Node worker does from `main` of its package.json. */
import { readFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

const manifestShape = z.looseObject({ main: z.string().optional(), type: z.string().optional() });

/** @throws when package.json names no entry file, or the entry file cannot be loaded: the app then has no functions. */
export async function loadApp(appDir: string): Promise<void> {
  const manifestPath = join(appDir, 'package.json');
  const manifest = manifestShape.parse(await readManifest(manifestPath));
  if (manifest.main === undefined)
    throw new Error(`${manifestPath} has no "main" that names the app's entry file.`);
  const files = globSync(manifest.main.split('/').join(sep), { cwd: appDir }).sort();
  if (files.length === 0) throw new Error(`No file matches "main": "${manifest.main}" of ${manifestPath}.`);
  for (const file of files) {
    try {
      await loadEntry(join(appDir, file), manifest.type === 'module');
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Worker was unable to load entry point "${file}": ${message}`, { cause });
    }
  }
}

/** @throws with the path, when there is no such file or it is not JSON */
async function readManifest(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The app's ${path} cannot be read: ${why}`, { cause });
  }
}

async function loadEntry(path: string, packageIsModule: boolean): Promise<void> {
  const isModule = path.endsWith('.mjs') || (packageIsModule && !path.endsWith('.cjs'));
  if (isModule) await import(pathToFileURL(path).href);
  else createRequire(path)(path);
}
