/** Puts a simulated vendor on the network: its journal, its faults and the count of work in flight around its routes. */
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import type { RequestFault } from './faults.ts';
import type { VendorName } from './journal.ts';
import { listenOnLoopback, type Listening } from './listen-on-loopback.ts';
import type { Simulation } from './simulation.ts';

/** What `serve` needs to know of a vendor. */
export interface Served {
  readonly vendor: VendorName;
  /** Its routes. */
  readonly app: { fetch(request: Request, bindings: HttpBindings): Response | Promise<Response> };
  /** An error as this vendor words it, for a fault that is switched on. */
  readonly refuse: (status: number, retryAfterSeconds: number | undefined) => Response;
  /** 0, the default, takes any free port. */
  readonly port?: number | undefined;
}

type ServedContext = Context<{ Bindings: HttpBindings }>;

/** Serves a vendor on 127.0.0.1. */
export function serve(simulation: Simulation, served: Served): Promise<Listening> {
  const outer = new Hono<{ Bindings: HttpBindings }>();
  outer.all('*', (context) => simulation.work.track(() => answer(simulation, served, context)));
  return listenOnLoopback(outer.fetch, served.port ?? 0);
}

async function answer(simulation: Simulation, served: Served, context: ServedContext): Promise<Response> {
  const { vendor } = served;
  const { pathname, search } = new URL(context.req.url);
  const method = context.req.method;
  const path = pathname + search;
  const request = context.req.raw;
  const body = await request.clone().text();
  const contentType = request.headers.get('content-type') ?? '';
  const answered = simulation.journal.received({ vendor, method, path, contentType, body });
  const fault = simulation.faults.forRequest(vendor, `${method} ${path}`);
  if (fault?.kind === 'timeout') {
    answered(0);
    await new Promise((resolve) => setTimeout(resolve, fault.holdMs));
    return cut(context);
  }
  const response = refusal(served, fault) ?? (await served.app.fetch(request, context.env));
  answered(response.status);
  return fault?.kind === 'dropResponse' ? cut(context) : response;
}

function refusal(served: Served, fault: RequestFault | undefined): Response | undefined {
  if (fault?.kind === 'throttle') return served.refuse(429, fault.retryAfterSeconds);
  if (fault?.kind === 'status') return served.refuse(fault.status, undefined);
  return undefined;
}

/** Ends the connection without an answer; the response returned reaches nobody. */
function cut(context: ServedContext): Response {
  context.env.incoming.socket.destroy();
  return new Response(null, { status: 500 });
}
