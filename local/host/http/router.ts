/** Finds who answers a request: by route template and verb; nobody is a 404, as in the Functions host. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HostRequest, HostResponse, RequestHead } from './messages.ts';
import { notFound } from './messages.ts';
import { RouteTemplate } from './route-template.ts';

type RouteValues = Readonly<Record<string, string>>;

export type RouteHandler = (
  request: HostRequest,
  values: RouteValues,
) => Promise<HostResponse> | HostResponse;

/** Serves a request whose body nobody has read yet, and writes the answer itself. */
export type StreamHandler = (
  request: RequestHead,
  values: RouteValues,
  exchange: { readonly incoming: IncomingMessage; readonly outgoing: ServerResponse },
) => Promise<HostResponse | undefined>;

interface Route {
  readonly methods: ReadonlySet<string>;
  readonly template: RouteTemplate;
  readonly handle: RouteHandler | undefined;
  readonly stream: StreamHandler | undefined;
}

interface Found {
  readonly route: Route;
  readonly values: RouteValues;
}

export class Router {
  #routes: Route[] = [];

  /** @param methods verbs, or `*` for all; of routes that weigh the same the one added first wins */
  add(methods: readonly string[], template: string, handle: RouteHandler): void {
    this.#insert(methods, template, { handle, stream: undefined });
  }

  addStream(methods: readonly string[], template: string, stream: StreamHandler): void {
    this.#insert(methods, template, { handle: undefined, stream });
  }

  /** 503 as long as there are no routes: the app is still loading. */
  async handle(request: HostRequest): Promise<HostResponse> {
    if (this.#routes.length === 0) return { status: 503 };
    if (!decodePath(request.url.pathname)) return { status: 400 };
    const found = this.#find(request);
    return found?.route.handle ? found.route.handle(request, found.values) : notFound;
  }

  /** Who takes the request's body as a stream; nobody when it is to be read first. */
  streamFor(
    request: RequestHead,
  ): ((exchange: Parameters<StreamHandler>[2]) => Promise<HostResponse | undefined>) | undefined {
    const found = this.#find(request);
    const stream = found?.route.stream;
    return found && stream && ((exchange) => stream(request, found.values, exchange));
  }

  #find(request: RequestHead): Found | undefined {
    const path = decodePath(request.url.pathname);
    if (!path) return undefined;
    for (const route of this.#routes) {
      if (!route.methods.has('*') && !route.methods.has(request.method)) continue;
      const values = route.template.match(path);
      if (values) return { route, values };
    }
    return undefined;
  }

  #insert(methods: readonly string[], template: string, how: Pick<Route, 'handle' | 'stream'>): void {
    const verbs = new Set(methods.map((method) => method.toUpperCase()));
    this.#routes.push({ methods: verbs, template: new RouteTemplate(template), ...how });
    this.#routes.sort((a, b) => compare(a.template.precedence, b.template.precedence));
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
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
