// The durable client, method by method, over HTTP: what the SDK returns or throws, as JSON.
const { app } = require('@azure/functions');
const df = require('durable-functions');

const operations = {
  start: (client, { name, ...options }) => client.startNew(name, options),
  status: (client, { id, ...options }) => client.getStatus(id, options),
  list: (client, filter) =>
    client.getStatusBy({
      ...filter,
      createdTimeFrom: filter.createdTimeFrom && new Date(filter.createdTimeFrom),
      createdTimeTo: filter.createdTimeTo && new Date(filter.createdTimeTo),
    }),
  raise: (client, { id, event, data }) => client.raiseEvent(id, event, data),
  terminate: (client, { id, reason }) => client.terminate(id, reason),
  suspend: (client, { id, reason }) => client.suspend(id, reason),
  resume: (client, { id, reason }) => client.resume(id, reason),
  purge: (client, { id }) => client.purgeInstanceHistory(id),
  purgeBy: (client, { from, ...filter }) =>
    client.purgeInstanceHistoryBy({ ...filter, createdTimeFrom: new Date(from) }),
  all: (client) => client.getStatusAll(),
  rewind: (client, { id, reason }) => client.rewind(id, reason),
  read: (client, { name, key }) => client.readEntityState(new df.EntityId(name, key)),
  signal: (client, { name, key, op, input }) => client.signalEntity(new df.EntityId(name, key), op, input),
  links: (client, { id }) => client.createHttpManagementPayload(id),
};

/** In `webhook` mode the client does not know the host's local address, and goes through the webhooks with their key. */
function clientOf(context, mode) {
  if (mode === 'webhook') {
    const [binding] = context.options.extraInputs;
    const { rpcBaseUrl: _unknown, ...rest } = context.extraInputs.get(binding);
    context.extraInputs.set(binding, rest);
  }
  return df.getClient(context);
}

app.http('client', {
  authLevel: 'anonymous',
  methods: ['POST'],
  route: 'client/{operation}/{mode?}',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    try {
      const text = await request.text();
      const result = await operations[request.params.operation](
        clientOf(context, request.params.mode),
        text === '' ? {} : JSON.parse(text),
      );
      return { jsonBody: { result } };
    } catch (error) {
      return { status: 409, jsonBody: { error: error.message } };
    }
  },
});

app.http('check', {
  authLevel: 'anonymous',
  methods: ['POST'],
  route: 'check/{name}/{id}/{mode?}',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = clientOf(context, request.params.mode);
    const id = await client.startNew(request.params.name, { instanceId: request.params.id });
    return client.createCheckStatusResponse(request, id);
  },
});

app.http('wait', {
  authLevel: 'anonymous',
  methods: ['POST'],
  route: 'wait/{name}/{id}/{mode?}',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = clientOf(context, request.params.mode);
    const id = await client.startNew(request.params.name, { instanceId: request.params.id });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, id, {
      timeoutInMilliseconds: Number(request.query.get('ms') ?? 5000),
      retryIntervalInMilliseconds: 10,
    });
  },
});
