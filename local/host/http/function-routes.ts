/** Serves the app's HTTP functions under their routes, with their keys, verbs and answers. */
import { z } from 'zod';
import type { InputsFor } from '../durable/client-binding.ts';
import { describeError } from '../log.ts';
import type { HostLog } from '../log.ts';
import type { StatsRecorder } from '../stats.ts';
import type { InvocationResponse, RegisteredFunction, TypedData } from '../worker/types.ts';
import type { Worker } from '../worker/worker.ts';
import { cookieShape, setCookie } from './cookies.ts';
import { hasKey } from './keys.ts';
import type { HostKeys } from './keys.ts';
import type { HostRequest, HostResponse } from './messages.ts';
import type { Router } from './router.ts';

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
  readonly keys: HostKeys;
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

export function addFunctionRoutes(router: Router, parts: FunctionRoutesParts): void {
  for (const fn of parts.worker.functions) {
    const route = routeOf(fn, parts.routePrefix);
    if (!route) continue;
    const accepted = acceptedKeys(route.authLevel, parts.keys);
    router.add(route.methods, route.route, async (request, values) => {
      if (accepted && !hasKey(request, accepted)) return { status: 401 };
      return serve(fn, request, values, parts);
    });
  }
}

/** Nothing when everybody may call. */
function acceptedKeys(authLevel: string, keys: HostKeys): string[] | undefined {
  if (authLevel === 'anonymous') return undefined;
  return authLevel === 'admin' ? [keys.master] : [keys.function, keys.master];
}

async function serve(
  fn: RegisteredFunction,
  request: HostRequest,
  values: Readonly<Record<string, string>>,
  parts: FunctionRoutesParts,
): Promise<HostResponse> {
  const { worker, stats, log, inputsFor } = parts;
  const category = `Function.${fn.name}`;
  stats.httpInvocations += 1;
  log('debug', category, `Executing '${fn.name}' (${request.method} ${request.url.pathname})`);
  try {
    const data = { http: toRpcRequest(request, values) };
    const { response } = await worker.invoke({ fn, data, inputs: inputsFor(fn) });
    const answer = toHostResponse(fn, response);
    log('debug', category, `Executed '${fn.name}' (${answer.status})`);
    return answer;
  } catch (error) {
    log('error', category, `Executed '${fn.name}' (Failed) ${describeError(error)}`);
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
