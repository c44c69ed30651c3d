/** What operators ask a Functions host: whether it runs, which functions and keys it has, and to run one by hand. */
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import type { RegisteredFunction } from '../worker/types.ts';
import type { Worker } from '../worker/worker.ts';
import { routeOf } from './function-routes.ts';
import { addKeyRoutes } from './key-routes.ts';
import type { KeyRing } from './keys.ts';
import { jsonResponse, notFound, readJson } from './messages.ts';
import type { HostRequest, HostResponse } from './messages.ts';
import type { RouteHandler, Router } from './router.ts';

export interface AdminParts {
  readonly worker: Worker;
  readonly keys: KeyRing;
  readonly routePrefix: string;
  readonly url: string;
  /** Starts a function by hand, with the text it is to be given; false when its trigger cannot be played. */
  readonly runByHand: (name: string, input: string) => boolean;
}

const noStore = { 'cache-control': 'no-store, no-cache' };

export function addAdminRoutes(router: Router, parts: AdminParts): void {
  const { keys, worker } = parts;
  const add = (methods: readonly string[], template: string, handle: RouteHandler): void => {
    router.add(methods, template, (request, values) =>
      keys.isMaster(request) ? handle(request, values) : { status: 401 },
    );
  };
  const find = (name: string): RegisteredFunction | undefined =>
    worker.functions.find((fn) => fn.name.toLowerCase() === name.toLowerCase());
  router.add(['GET', 'POST'], 'admin/host/ping', () => ({ status: 200, headers: noStore }));
  for (const path of ['runtime/health', 'runtime/health/live', 'runtime/health/ready']) {
    router.add(['GET'], path, () => jsonResponse(200, { status: 'Healthy' }, noStore));
  }
  add(['GET'], 'admin/host/status', () => jsonResponse(200, hostStatus(worker)));
  add(['GET'], 'admin/functions', () =>
    jsonResponse(
      200,
      worker.functions.map((fn) => describe(fn, parts)),
    ),
  );
  add(['GET'], 'admin/functions/{name}', (_request, { name = '' }) => {
    const found = find(name);
    return found ? jsonResponse(200, describe(found, parts)) : notFound;
  });
  add(['POST'], 'admin/functions/{name}', (request, { name = '' }) => {
    return find(name) ? runByHand(request, name, parts) : notFound;
  });
  addKeyRoutes(add, { keys, isFunction: (name) => find(name) !== undefined });
}

const byHandShape = z.looseObject({ input: z.string().nullish() });

/** `{"input": "…"}`, as the Functions host takes it; nothing at all is an empty input. */
function runByHand(request: HostRequest, name: string, parts: AdminParts): HostResponse {
  const given = byHandShape.safeParse(request.body.length === 0 ? {} : readJson(request.body));
  if (!given.success) return jsonResponse(400, 'The body must be JSON such as {"input": "text"}.');
  if (parts.runByHand(name, given.data.input ?? '')) return { status: 202 };
  return jsonResponse(400, `'${name}' cannot be run by hand: only timer and queue triggers can.`);
}

function hostStatus({ hostVersion }: Worker): object {
  return {
    id: 'localhost',
    state: 'Running',
    version: hostVersion,
    versionDetails: hostVersion,
    processUptime: Math.round(performance.now()),
  };
}

function describe(fn: RegisteredFunction, parts: AdminParts): object {
  const route = routeOf(fn, parts.routePrefix);
  return {
    name: fn.name,
    href: `${parts.url}/admin/functions/${encodeURIComponent(fn.name)}`,
    isDisabled: false,
    language: 'node',
    ...(route ? { invoke_url_template: `${parts.url}/${route.route}` } : {}),
    config: {
      bindings: Object.entries(fn.metadata.bindings).map(([name, binding]) => ({ ...binding, name })),
    },
  };
}
