/** The control address's part about time: what it is, moving it, and waiting until all is at rest. */
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { parseDuration } from './duration.ts';
import { VirtualClock } from './virtual-clock.ts';
import type { Work } from './work.ts';

const advanceShape = z.strictObject({
  /** ISO 8601, in weeks, days, hours, minutes and seconds: these have a fixed length. */
  by: z.string().transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    context.addIssue('must be an ISO 8601 duration such as PT24H or P7D');
    return z.NEVER;
  }),
});

/** `GET /clock`, `POST /clock/advance` and `POST /idle`. */
export function clockRoutes(clock: Clock, work: Work): Hono {
  const routes = new Hono();
  routes.get('/clock', (context) => context.json({ now: iso(clock), clock: clock.kind }));
  routes.post('/clock/advance', async (context) => {
    const body = advanceShape.safeParse(await context.req.json().catch(() => undefined));
    if (!body.success) return invalid(context, body.error);
    if (!(clock instanceof VirtualClock)) {
      return problem(context, 409, 'The clock is real: it cannot be advanced.');
    }
    await clock.advance(body.data.by);
    return context.json({ now: iso(clock) });
  });
  routes.post('/idle', async (context) => {
    await work.whenIdle();
    return context.json({ idle: true });
  });
  return routes;
}

function iso(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

function invalid(context: Context, error: z.ZodError): Response {
  const [issue] = error.issues;
  const field = issue?.path.join('.') || 'body';
  return problem(context, 400, `${field}: ${issue?.message}`, { field });
}

/** RFC 9457. */
function problem(context: Context, status: 400 | 409, detail: string, more: object = {}): Response {
  const title = status === 400 ? 'Bad Request' : 'Conflict';
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, ...more });
  return context.body(body, status, { 'content-type': 'application/problem+json' });
}
