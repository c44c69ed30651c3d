/** The control address: what people, vendors and time do, for other programs. Loopback only, JSON. */
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import { makeCustomerCodes } from '../../clients/customer-codes.ts';
import type { Clock } from '../clock/clock.ts';
import { clockRoutes } from '../clock/clock-routes.ts';
import type { Work } from '../clock/work.ts';
import { hostFaultRoutes } from '../host/fault-routes.ts';
import type { Host } from '../host/host.ts';
import { faultSchema } from '../vendors/faults.ts';
import { personPresenceSchema } from '../vendors/ring-central/presence-update.ts';
import type { Vendors } from '../vendors/vendors.ts';
import { receiptSigningKey } from './app-settings.ts';
import { logQuerySchema, readCustomerLog } from './customer-log.ts';
import { bodyOf, known, misshapen, problem } from './control-answers.ts';
import { createCustomer, customerRequestSchema, reconnectCustomer } from './customers.ts';
import { flushTelemetry } from './flush-telemetry.ts';
import { cause, incidentKinds, incidentSchema } from './incidents.ts';
import { marketplaceRoutes } from './marketplace-routes.ts';
import { peopleRoutes } from './people-routes.ts';

export interface Controlled {
  clock: Clock;
  work: Work;
  host: Host;
  vendors: Vendors;
  appDataDir: string;
  /** The folder of the app. */
  appDir: string;
}

const teamsChangeSchema = z.strictObject({
  availability: z.string().min(1).max(100),
  activity: z.string().min(1).max(100),
});

/** The routes of the control address. What is refused comes as problem+json that names the field. */
export function makeControl(controlled: Controlled): Hono {
  const { clock, work, host, vendors } = controlled;
  const control = new Hono();
  control.onError((error, context) =>
    error instanceof z.ZodError ? misshapen(context, error) : problem(context, 500, error.message),
  );
  control.notFound((context) => problem(context, 404, 'There is no such call.'));
  control.route('/', clockRoutes(clock, work));
  control.route('/', hostFaultRoutes(host.faults));
  control.route('/', marketplaceRoutes(vendors));
  control.route('/', peopleRoutes(controlled));
  control.get('/stats', (context) => context.json(host.stats()));
  control.get('/telemetry', async (context) => {
    await flushTelemetry(controlled.appDir);
    return context.json(vendors.telemetry());
  });
  control.get('/journal', (context) => context.json(vendors.journal.list(journalFilter(context))));

  control.post('/customers', async (context) => {
    const request = customerRequestSchema.parse(await bodyOf(context));
    return context.json(await createCustomer(controlled, request));
  });
  control.post('/customers/:subscriptionId/reconnect', async (context) => {
    await reconnectCustomer(controlled, z.guid().parse(context.req.param('subscriptionId')));
    return context.json({ reconnected: true });
  });
  // Of anybody: the code is right also when nothing is known of the customer any more.
  control.get('/customers/:subscriptionId/code', async (context) => {
    const subscriptionId = z.guid().parse(context.req.param('subscriptionId'));
    const codes = makeCustomerCodes(await receiptSigningKey(controlled.appDataDir));
    return context.json({ code: codes.codeFor(subscriptionId) });
  });
  control.get('/customers/:subscriptionId/log', async (context) => {
    const subscriptionId = z.guid().parse(context.req.param('subscriptionId'));
    const query = logQuerySchema.parse(context.req.query());
    const log = await readCustomerLog(controlled.appDataDir, subscriptionId, query);
    return log === undefined ? problem(context, 404, 'There is no such customer.') : context.json(log);
  });

  addPeople(control, '/teams/:id/presence', teamsChangeSchema, vendors.teams);
  addPeople(control, '/ringcentral/:id/presence', personPresenceSchema, vendors.ringCentral);

  control.get('/faults', (context) => context.json(vendors.faults.list()));
  control.post('/faults', async (context) => {
    const body = await bodyOf(context);
    const { kind } = z.object({ kind: z.string() }).parse(body);
    if (!incidentKinds.has(kind)) return context.json({ id: vendors.faults.add(faultSchema.parse(body)) });
    const incident = incidentSchema.parse(body);
    return known(context, async () => {
      await cause(vendors, incident);
      return { happened: true };
    });
  });
  control.delete('/faults', (context) => {
    vendors.faults.clear();
    return context.json({ cleared: true });
  });
  return control;
}

/** Reading and changing what a person shows at a vendor. */
function addPeople<Change>(
  control: Hono,
  path: `${string}/:id/${string}`,
  schema: z.ZodType<Change>,
  people: { showPresence(id: string): unknown; setPersonPresence(id: string, change: Change): void },
): void {
  control.get(path, (context) => known(context, () => people.showPresence(context.req.param('id'))));
  control.post(path, async (context) => {
    const change = schema.parse(await bodyOf(context));
    return known(context, () => {
      people.setPersonPresence(context.req.param('id'), change);
      return people.showPresence(context.req.param('id'));
    });
  });
}

function journalFilter(context: Context): { vendor?: z.infer<typeof vendorSchema> } {
  const vendor = context.req.query('vendor');
  return vendor === undefined ? {} : { vendor: vendorSchema.parse(vendor) };
}
const vendorSchema = z.enum(['graph', 'entra', 'ringCentral', 'keyVault', 'logs', 'marketplace']);
