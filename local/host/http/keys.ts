/** The keys that protect functions, the admin API and the extension's webhooks, made once for each data directory. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { HostRequest } from './messages.ts';
import { headerOf } from './messages.ts';

const keysShape = z.object({
  master: z.string().min(1),
  function: z.string().min(1),
  durableTask: z.string().min(1),
});

/** `master` opens everything, `function` every function of level `function`, `durableTask` the durable webhooks. */
export type HostKeys = z.infer<typeof keysShape>;

/** Reads `keys.json` of `dataDir`, or makes it; without a directory the keys last as long as the process. */
export function loadKeys(dataDir: string | undefined): HostKeys {
  if (dataDir === undefined) return newKeys();
  const path = join(dataDir, 'keys.json');
  if (existsSync(path)) return keysShape.parse(JSON.parse(readFileSync(path, 'utf8')));
  const keys = newKeys();
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(path, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

/** Whether the request carries one of `accepted`, in the query's `code` or the header `x-functions-key`. */
export function hasKey(request: HostRequest, accepted: readonly string[]): boolean {
  const given = headerOf(request, 'x-functions-key') ?? request.url.searchParams.get('code');
  if (given === null || given === undefined) return false;
  const bytes = Buffer.from(given);
  return accepted.some((key) => {
    const expected = Buffer.from(key);
    return expected.length === bytes.length && timingSafeEqual(expected, bytes);
  });
}

function newKeys(): HostKeys {
  const make = (): string => randomBytes(30).toString('base64url');
  return { master: make(), function: make(), durableTask: make() };
}
