/** Serves the app's HTTP functions under their routes, with their keys, verbs and answers. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { InputsFor } from '../durable/client-binding.ts';
import { logged } from '../invocation-log.ts';
import type { HostLog } from '../log.ts';
import type { StatsRecorder } from '../stats.ts';
import type { InvocationResponse, RegisteredFunction, TypedData } from '../worker/types.ts';
import type { Worker } from '../worker/worker.ts';
import { cookieShape, setCookie } from './cookies.ts';
import type { KeyRing } from './keys.ts';
import type { HostRequest, HostResponse, RequestHead } from './messages.ts';
import type { Router } from './router.ts';
import { passThrough, streamMetadata } from './streaming.ts';

const triggerShape = z.looseObject({
  authLevel: z.string().optional(),
  methods: z.array(z.string()).optional(),
  route: z.string().optional(),
});

const responseShape = z.looseObject({
  statusCode: z.string(),
  headers: z.record(z.string(), z.string()).nullish(),
  cookies: z.array(cookieShape).nullish(),
  body: z.looseObject({ bytes: z.instanceof(Uint8Array).nullish(), string: z.string().nullish() }).nullish(),
});

export interface FunctionRoutesParts {
  readonly worker: Worker;
  readonly keys: KeyRing;
  readonly inputsFor: InputsFor;
  readonly routePrefix: string;
  readonly stats: StatsRecorder;
  readonly log: HostLog;
}

export interface FunctionRoute {
  readonly name: string;
  readonly methods: readonly string[];
  /** Without a slash at the front. */
  readonly route: string;
  readonly authLevel: string;
}

/** How an HTTP function is reached; nothing for functions with another trigger. */
export function routeOf(fn: RegisteredFunction, routePrefix: string): FunctionRoute | undefined {
  if (fn.trigger.type.toLowerCase() !== 'httptrigger') return undefined;
  const { authLevel = 'function', methods = ['GET', 'POST'], route } = triggerShape.parse(fn.trigger);
  const path = [routePrefix, route ?? fn.name].map((part) => part.replace(/^\/+|\/+$/g, ''));
  return {
    name: fn.name,
    methods,
    authLevel: authLevel.toLowerCase(),
    route: path.filter(Boolean).join('/'),
  };
}

/** Addresses the host keeps for itself (azure-functions-host, reserved routes). */
const reservedPaths = new Set(['admin', 'runtime']);

export function addFunctionRoutes(router: Router, parts: FunctionRoutesParts): void {
  for (const fn of parts.worker.functions) {
    const route = routeOf(fn, parts.routePrefix);
    if (!route) continue;
    try {
      addFunctionRoute(router, { fn, ...route }, parts);
    } catch (error) {
      // The others are served: one bad route is no reason to withhold them.
      const why = error instanceof Error ? error.message : String(error);
      parts.log(
        'error',
        'Host.Http',
        `The function '${fn.name}' is in error: route "${route.route}". ${why}`,
      );
    }
  }
}

function addFunctionRoute(
  router: Router,
  target: FunctionRoute & { readonly fn: RegisteredFunction },
  parts: FunctionRoutesParts,
): void {
  const { fn, methods, route, authLevel } = target;
  if (reservedPaths.has(route.split('/')[0]?.toLowerCase() ?? '')) {
    throw new Error('The specified route conflicts with one or more built in routes.');
  }
  const isAllowed = (request: RequestHead): boolean => parts.keys.allows(request, authLevel, fn.name);
  const { streamAddress } = parts.worker;
  if (streamAddress === undefined) {
    router.add(methods, route, (request, values) =>
      isAllowed(request) ? serve(fn, request, values, parts) : { status: 401 },
    );
    return;
  }
  router.addStream(methods, route, async (request, values, exchange) => {
    if (!isAllowed(request)) return { status: 401, headers: { connection: 'close' } };
    return run(fn, parts, (invocationId) =>
      passThrough(streamAddress, {
        invocationId,
        request,
        exchange,
        invoke: async () => {
          const triggerMetadata = streamMetadata(request, values);
          const inputs = parts.inputsFor(fn);
          const call = { fn, invocationId, data: { http: {} }, triggerMetadata, inputs };
          return (await parts.worker.invoke(call)).result;
        },
      }),
    );
  });
}

async function serve(
  fn: RegisteredFunction,
  request: HostRequest,
  values: Readonly<Record<string, string>>,
  parts: FunctionRoutesParts,
): Promise<HostResponse> {
  const answer = await run(fn, parts, async (invocationId) => {
    const data = { http: toRpcRequest(request, values) };
    const { response } = await parts.worker.invoke({ fn, invocationId, data, inputs: parts.inputsFor(fn) });
    return toHostResponse(fn, response);
  });
  return answer ?? { status: 204 };
}

/** Runs the function with its log lines; what it throws is for the log, and for the client a 500 that says nothing. */
async function run(
  fn: RegisteredFunction,
  { stats, log }: FunctionRoutesParts,
  answer: (invocationId: string) => Promise<HostResponse | undefined>,
): Promise<HostResponse | undefined> {
  const invocationId = randomUUID();
  const reason = 'This function was programmatically called via the host APIs.';
  stats.httpInvocations += 1;
  try {
    return await logged(log, { name: fn.name, invocationId, reason }, () => answer(invocationId));
  } catch {
    return { status: 500 };
  }
}

/** The request as the host writes it for the worker: one value per query name, several joined with commas. */
function toRpcRequest(request: HostRequest, values: Readonly<Record<string, string>>): object {
  const wrap = (entries: Iterable<readonly [string, string]>): Record<string, { value: string }> =>
    Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  const { searchParams } = request.url;
  const names = new Set(searchParams.keys());
  return {
    method: request.method,
    url: request.url.href,
    nullableHeaders: wrap(headers),
    nullableQuery: wrap([...names].map((name) => [name, searchParams.getAll(name).join(',')])),
    nullableParams: wrap(Object.entries(values)),
    ...(request.body.length > 0 ? { body: { bytes: request.body } satisfies TypedData } : {}),
  };
}

function toHostResponse(fn: RegisteredFunction, response: InvocationResponse): HostResponse {
  const outputs = new Map(response.outputData?.map(({ name, data }) => [name, data]));
  const own = Object.entries(fn.metadata.bindings).find(
    ([, binding]) => binding.type.toLowerCase() === 'http' && binding.direction === 'out',
  );
  const data = own && own[0] !== '$return' ? outputs.get(own[0]) : response.returnValue;
  if (!data?.http) return { status: 204 };
  const { statusCode, headers, cookies, body } = responseShape.parse(data.http);
  return {
    status: Number(statusCode),
    headers: {
      ...headers,
      ...(cookies && cookies.length > 0 ? { 'set-cookie': cookies.map(setCookie) } : {}),
    },
    body: body?.bytes ?? body?.string ?? '',
  };
}
