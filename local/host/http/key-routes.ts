/** The keys API of the Functions host: lists, makes and deletes keys, with the master key (Functions, key management API). */
import { z } from 'zod';
import type { KeyRing, KeyScope } from './keys.ts';
import { jsonResponse, notFound, readJson } from './messages.ts';
import type { HostRequest, HostResponse } from './messages.ts';
import type { RouteHandler } from './router.ts';

type AddRoute = (methods: readonly string[], template: string, handle: RouteHandler) => void;

const keyShape = z.looseObject({ value: z.string().min(1) });

export function addKeyRoutes(
  add: AddRoute,
  parts: { readonly keys: KeyRing; readonly isFunction: (name: string) => boolean },
): void {
  const { keys } = parts;
  addScope(add, 'admin/functions/{function}/keys', keys, (values) => {
    const name = values['function'] ?? '';
    return parts.isFunction(name) ? { kind: 'function', name } : undefined;
  });
  for (const name of ['keys', 'functionkeys']) {
    addScope(add, `admin/host/${name}`, keys, () => ({ kind: 'host' }));
  }
  addScope(add, 'admin/host/systemkeys', keys, () => ({ kind: 'system' }));
}

/** @param scopeOf nothing when there is no such function */
function addScope(
  add: AddRoute,
  base: string,
  keys: KeyRing,
  scopeOf: (values: Readonly<Record<string, string>>) => KeyScope | undefined,
): void {
  const within =
    (handle: (scope: KeyScope, name: string, request: HostRequest) => HostResponse): RouteHandler =>
    (request, values) => {
      const scope = scopeOf(values);
      return scope ? handle(scope, values['key'] ?? '', request) : notFound;
    };
  const list = within((scope) =>
    jsonResponse(200, { keys: [...keys.named(scope)].map(([name, value]) => ({ name, value })) }),
  );
  const show = within((scope, name) => {
    const value = keys.named(scope).get(name);
    return value === undefined ? notFound : jsonResponse(200, { name, value });
  });
  const remove = within((scope, name) => {
    if (name.startsWith('_')) return jsonResponse(400, 'Invalid key name.');
    return keys.remove(scope, name) ? { status: 204 } : notFound;
  });
  add(['GET'], base, list);
  add(['GET'], `${base}/{key}`, show);
  add(
    ['POST'],
    `${base}/{key}`,
    within((scope, name) => put(keys, scope, { name })),
  );
  add(
    ['PUT'],
    `${base}/{key}`,
    within((scope, name, request) => {
      const given = keyShape.safeParse(readJson(request.body));
      return given.success
        ? put(keys, scope, { name, value: given.data.value })
        : jsonResponse(400, 'Invalid key value');
    }),
  );
  add(['DELETE'], `${base}/{key}`, remove);
}

function put(keys: KeyRing, scope: KeyScope, key: { name: string; value?: string }): HostResponse {
  if (key.name.startsWith('_')) return jsonResponse(400, 'Invalid key name.');
  const { value, created } = keys.put(scope, key.name, key.value);
  return jsonResponse(created ? 201 : 200, { name: key.name, value });
}
