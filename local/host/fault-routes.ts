/** The control address's part about faults beneath the app. */
import { Hono } from 'hono';
import { hostFaultSchema } from './faults.ts';
import type { HostFaults } from './faults.ts';

/** `POST /host/faults` adds one, `GET` lists them with how often each struck, `DELETE` ends them all. */
export function hostFaultRoutes(faults: HostFaults): Hono {
  const routes = new Hono();
  routes.get('/host/faults', (context) => context.json(faults.list()));
  routes.post('/host/faults', async (context) => {
    const body = hostFaultSchema.safeParse(await context.req.json().catch(() => undefined));
    if (body.success) return context.json({ id: faults.add(body.data) }, 201);
    const [issue] = body.error.issues;
    const detail = `${issue?.path.join('.') || 'body'}: ${issue?.message}`;
    const problem = { type: 'about:blank', title: 'Bad Request', status: 400, detail };
    return context.body(JSON.stringify(problem), 400, { 'content-type': 'application/problem+json' });
  });
  routes.delete('/host/faults', (context) => {
    faults.clear();
    return context.json({ cleared: true });
  });
  return routes;
}
