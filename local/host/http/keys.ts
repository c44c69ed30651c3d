/** The keys that protect functions, the admin API and the extension's webhooks, made once for each data directory. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { RequestHead } from './messages.ts';
import { headerOf } from './messages.ts';

const namedKeys = z.record(z.string(), z.string().min(1)).default({});

const keysShape = z.object({
  master: z.string().min(1),
  function: z.string().min(1),
  durableTask: z.string().min(1),
  /** Further keys by name, which operators made: for every function, for webhooks, and for one function each. */
  host: namedKeys,
  system: namedKeys,
  functions: z.record(z.string(), namedKeys).default({}),
});

type StoredKeys = z.infer<typeof keysShape>;

/** `master` opens everything, `function` every function of level `function`, `durableTask` the durable webhooks. */
export type HostKeys = Pick<StoredKeys, 'master' | 'function' | 'durableTask'>;

/** Whose keys: those of all functions, those of extensions, or those of one function. */
export type KeyScope =
  | { readonly kind: 'host' }
  | { readonly kind: 'system' }
  | { readonly kind: 'function'; readonly name: string };

/** The names by which the first keys of each scope are known in Azure. */
const firstHostKey = 'default';
const firstSystemKey = 'durabletask_extension';

export class KeyRing {
  #keys: StoredKeys;
  readonly #path: string | undefined;

  /** Reads `keys.json` of `dataDir`, or makes it; without a directory the keys last as long as the process. */
  constructor(dataDir: string | undefined) {
    this.#path = dataDir === undefined ? undefined : join(dataDir, 'keys.json');
    if (this.#path !== undefined && existsSync(this.#path)) {
      this.#keys = keysShape.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      return;
    }
    const keys = { master: newKey(), function: newKey(), durableTask: newKey() };
    this.#keys = keysShape.parse(keys);
    this.#save();
  }

  /** The three that every host has. */
  get main(): HostKeys {
    const { master, function: forFunctions, durableTask } = this.#keys;
    return { master, function: forFunctions, durableTask };
  }

  /** The keys of a scope by name. */
  named(scope: KeyScope): ReadonlyMap<string, string> {
    const { function: first, durableTask, host, system, functions } = this.#keys;
    if (scope.kind === 'host') return new Map([[firstHostKey, first], ...Object.entries(host)]);
    if (scope.kind === 'system') return new Map([[firstSystemKey, durableTask], ...Object.entries(system)]);
    return new Map(Object.entries(functions[scope.name.toLowerCase()] ?? {}));
  }

  /** Gives a key a value, a new random one by default. @returns the value, and whether there was none of that name */
  put(scope: KeyScope, name: string, value = newKey()): { value: string; created: boolean } {
    const created = !this.named(scope).has(name);
    if (scope.kind === 'host' && name === firstHostKey) this.#keys.function = value;
    else if (scope.kind === 'system' && name === firstSystemKey) this.#keys.durableTask = value;
    else this.#shelf(scope)[name] = value;
    this.#save();
    return { value, created };
  }

  /** False when there is none of that name, or it is one the host cannot be without. */
  remove(scope: KeyScope, name: string): boolean {
    const shelf = this.#shelf(scope);
    if (!Object.hasOwn(shelf, name)) return false;
    delete shelf[name];
    this.#save();
    return true;
  }

  /** Whether the request may call a function of that level (`anonymous`, `function` or `admin`). */
  allows(request: RequestHead, authLevel: string, functionName: string): boolean {
    if (authLevel === 'anonymous') return true;
    if (authLevel === 'admin') return this.isMaster(request);
    const own = this.named({ kind: 'function', name: functionName });
    return hasKey(request, [this.#keys.master, ...this.named({ kind: 'host' }).values(), ...own.values()]);
  }

  isMaster(request: RequestHead): boolean {
    return hasKey(request, [this.#keys.master]);
  }

  /** Whether the request may use the extensions' webhooks. */
  isSystem(request: RequestHead): boolean {
    return hasKey(request, [this.#keys.master, ...this.named({ kind: 'system' }).values()]);
  }

  #shelf(scope: KeyScope): Record<string, string> {
    if (scope.kind !== 'function') return this.#keys[scope.kind];
    return (this.#keys.functions[scope.name.toLowerCase()] ??= {});
  }

  /** Whole or not at all: a host that dies while it writes must find its keys again. */
  #save(): void {
    if (this.#path === undefined) return;
    mkdirSync(join(this.#path, '..'), { recursive: true });
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#keys, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}

/** Whether the request carries one of `accepted`, in the header `x-functions-key` or the query's `code`. */
function hasKey(request: RequestHead, accepted: readonly string[]): boolean {
  const given = headerOf(request, 'x-functions-key') ?? request.url.searchParams.get('code');
  return given !== null && given !== undefined && isOneOf(given, accepted);
}

/** Compares in a time that tells nothing about the keys. */
export function isOneOf(given: string, accepted: readonly string[]): boolean {
  const bytes = Buffer.from(given);
  return accepted.some((key) => {
    const expected = Buffer.from(key);
    return expected.length === bytes.length && timingSafeEqual(expected, bytes);
  });
}

function newKey(): string {
  return randomBytes(30).toString('base64url');
}
