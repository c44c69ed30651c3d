/** What operators ask a Functions host: whether it runs, which functions it has, and to run one by hand. */
import type { RegisteredFunction } from '../worker/types.ts';
import type { Worker } from '../worker/worker.ts';
import { routeOf } from './function-routes.ts';
import { hasKey } from './keys.ts';
import type { HostKeys } from './keys.ts';
import { jsonResponse, notFound } from './messages.ts';
import type { HostResponse } from './messages.ts';
import type { RouteHandler, Router } from './router.ts';

export interface AdminParts {
  readonly worker: Worker;
  readonly keys: HostKeys;
  readonly routePrefix: string;
  readonly url: string;
  /** Starts a timer function; false when there is none of that name. */
  readonly runTimer: (name: string) => boolean;
}

export function addAdminRoutes(router: Router, parts: AdminParts): void {
  const add = (methods: readonly string[], template: string, handle: RouteHandler): void => {
    router.add(methods, template, (request, values) =>
      hasKey(request, [parts.keys.master]) ? handle(request, values) : { status: 401 },
    );
  };
  router.add(['GET'], '', () => homePage(parts));
  add(['GET'], 'admin/host/status', () => jsonResponse(200, { id: 'localhost', state: 'Running' }));
  add(['GET'], 'admin/functions', () =>
    jsonResponse(
      200,
      parts.worker.functions.map((fn) => describe(fn, parts)),
    ),
  );
  add(['GET'], 'admin/functions/{name}', (_request, { name = '' }) => {
    const found = parts.worker.functions.find((fn) => fn.name.toLowerCase() === name.toLowerCase());
    return found ? jsonResponse(200, describe(found, parts)) : notFound;
  });
  add(['POST'], 'admin/functions/{name}', (_request, { name = '' }) => {
    return parts.runTimer(name) ? { status: 202 } : notFound;
  });
}

function describe(fn: RegisteredFunction, parts: AdminParts): object {
  const route = routeOf(fn, parts.routePrefix);
  return {
    name: fn.name,
    isDisabled: false,
    language: 'node',
    ...(route ? { invoke_url_template: `${parts.url}/${route.route}` } : {}),
    config: {
      bindings: Object.entries(fn.metadata.bindings).map(([name, binding]) => ({ ...binding, name })),
    },
  };
}

/** Says that the host is up, and what it serves. */
function homePage(parts: AdminParts): HostResponse {
  const rows = parts.worker.functions.map((fn) => {
    const route = routeOf(fn, parts.routePrefix);
    const detail = route ? `${route.methods.join(', ')} /${route.route}` : fn.trigger.type;
    return `<li><strong>${escapeHtml(fn.name)}</strong> ${escapeHtml(detail)}</li>`;
  });
  const title = 'Your Functions app is up and running';
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<h1>${title}</h1><ul>${rows.join('\n')}</ul></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
