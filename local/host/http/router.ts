/** Finds who answers a request: by route template and verb; nobody is a 404, as in the Functions host. */
import type { HostRequest, HostResponse } from './messages.ts';
import { notFound } from './messages.ts';
import { RouteTemplate } from './route-template.ts';

export type RouteHandler = (
  request: HostRequest,
  values: Readonly<Record<string, string>>,
) => Promise<HostResponse> | HostResponse;

interface Route {
  readonly methods: ReadonlySet<string>;
  readonly template: RouteTemplate;
  readonly handle: RouteHandler;
}

export class Router {
  #routes: Route[] = [];

  /** @param methods verbs, or `*` for all */
  add(methods: readonly string[], template: string, handle: RouteHandler): void {
    const verbs = new Set(methods.map((method) => method.toUpperCase()));
    this.#routes.push({ methods: verbs, template: new RouteTemplate(template), handle });
    this.#routes.sort((a, b) => (a.template.precedence < b.template.precedence ? -1 : 1));
  }

  /** 503 as long as there are no routes: the app is still loading. */
  async handle(request: HostRequest): Promise<HostResponse> {
    const path = decodePath(request.url.pathname);
    if (!path) return { status: 400 };
    for (const route of this.#routes) {
      if (!route.methods.has('*') && !route.methods.has(request.method)) continue;
      const values = route.template.match(path);
      if (values) return route.handle(request, values);
    }
    return this.#routes.length === 0 ? { status: 503 } : notFound;
  }
}

/** Nothing when the path is not properly percent-encoded. */
function decodePath(path: string): string[] | undefined {
  try {
    return path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
