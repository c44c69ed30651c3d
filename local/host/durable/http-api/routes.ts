/** Mounts the extension's HTTP API: with a key for operators, and without one on the app's own loopback address. */
import type { RequestHead } from '../../http/messages.ts';
import type { RouteHandler, Router } from '../../http/router.ts';
import { addEntityRoutes } from './entity-routes.ts';
import { addInstanceRoutes } from './instance-routes.ts';
import type { ApiParts } from './instance-routes.ts';

/** @param mount.isAllowed who may call; without it, everybody who reaches the address */
export function addDurableRoutes(
  router: Router,
  mount: { readonly base: string; readonly isAllowed?: (request: RequestHead) => boolean },
  parts: ApiParts,
): void {
  const add = (methods: readonly string[], template: string, handle: RouteHandler): void => {
    router.add(methods, `${mount.base}/${template}`, (request, values) => {
      if (mount.isAllowed?.(request) === false) return { status: 401 };
      return handle(request, values);
    });
  };
  addInstanceRoutes(add, parts);
  addEntityRoutes(add, parts.client);
  // One host is all there is: it is the primary already.
  add(['POST'], 'makeprimary', () => ({ status: 200 }));
}
