// The first of two entry files: a door that holds orchestrations back, and what there is to see from outside.
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const door = { open: () => undefined, opened: Promise.resolve() };
const ran = [];

/** Orchestrations named `held` do not begin before the door is open. */
app.hook.preInvocation(async ({ invocationContext }) => {
  if (invocationContext.functionName === 'held') await door.opened;
});

app.http('door', {
  authLevel: 'anonymous',
  route: 'door/{state}',
  handler: ({ params }) => {
    if (params.state === 'open') door.open();
    else {
      door.opened = new Promise((resolve) => {
        door.open = resolve;
      });
    }
    return { status: 204 };
  },
});

app.http('links', {
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: (_request, context) => ({ jsonBody: df.getClient(context).createHttpManagementPayload('x') }),
});

app.http('binding', {
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: (_request, context) => ({ jsonBody: [...context.extraInputs.entries()] }),
});

app.http('ran', { authLevel: 'anonymous', handler: () => ({ jsonBody: ran }) });

app.http('every', {
  route: 'every/{id:int?}',
  methods: ['GET', 'DELETE'],
  authLevel: 'function',
  handler: () => undefined,
});

app.timer('sometimes', { schedule: '0 0 0 1 1 *', runOnStartup: false, handler: () => undefined });

export { ran };
