// An entity, and the two addresses by which it is told and asked.
const { app } = require('@azure/functions');
const df = require('durable-functions');

df.app.entity('tally', (context) => {
  const value = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case 'add':
      context.df.setState(value + context.df.getInput());
      break;
    case 'get':
      context.df.return(value);
      break;
  }
});

df.app.orchestration('tallyUp', function* (context) {
  const id = new df.EntityId('tally', context.df.getInput());
  yield context.df.callEntity(id, 'add', 1);
  return yield context.df.callEntity(id, 'get');
});

app.http('signal', {
  route: 'tally/{key}',
  authLevel: 'anonymous',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const id = new df.EntityId('tally', request.params.key);
    await df.getClient(context).signalEntity(id, 'add', await request.json());
    return { status: 202 };
  },
});

app.http('query', {
  route: 'tally/{key}',
  authLevel: 'anonymous',
  methods: ['GET'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const id = new df.EntityId('tally', request.params.key);
    const { entityExists, entityState } = await df.getClient(context).readEntityState(id);
    return entityExists ? { jsonBody: entityState } : { status: 404 };
  },
});
