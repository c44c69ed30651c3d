/**
 * Makes `require` and `import` of `@azure/functions-core` find the host's `CoreApi`: that package exists only inside a
 * Functions worker, never in node_modules. There is one per process, as an app's modules are loaded once.
 */
import Module, { registerHooks } from 'node:module';
import type { CoreApi } from './core-api.ts';

const specifier = '@azure/functions-core';
const url = 'presence-local-host:functions-core';
const apiKey = Symbol.for('local.host.functions-core');

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;

/**
 * Serves `api` to whoever asks for `@azure/functions-core` from now on.
 * @throws when another host already runs in this process.
 */
export function provideCoreModule(api: CoreApi): void {
  const shared = globalThis as { [apiKey]?: CoreApi };
  if (shared[apiKey])
    throw new Error('Only one Functions host can run in a process: its app is loaded once.');
  shared[apiKey] = api;
  registerHooks({
    resolve: (request, context, next) =>
      request === specifier ? { url, format: 'commonjs', shortCircuit: true } : next(request, context),
    load: (request, context, next) =>
      request === url
        ? {
            format: 'commonjs',
            shortCircuit: true,
            source: `module.exports = globalThis[Symbol.for(${JSON.stringify(apiKey.description)})];`,
          }
        : next(request, context),
  });
  // Loaders that go round the hooks (older require patches, bundlers' shims) still end in Module._load.
  const internals = Module as unknown as { _load: Load };
  const load = internals._load;
  internals._load = (request, parent, isMain) =>
    request === specifier ? api : load.call(Module, request, parent, isMain);
}
