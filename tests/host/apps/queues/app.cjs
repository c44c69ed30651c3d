const { app, input, output } = require('@azure/functions');
const df = require('durable-functions');

const seen = [];
const anonymous = { authLevel: 'anonymous', methods: ['POST'] };
const orders = output.storageQueue({ queueName: 'orders', connection: '' });
const results = output.storageQueue({ queueName: 'results', connection: 'OtherStorage' });

/** Writes the request's JSON to the queue, as one message or as many. */
app.http('order', {
  ...anonymous,
  extraOutputs: [orders],
  handler: async (request, context) => {
    context.extraOutputs.set(orders, await request.json());
    return { status: 202 };
  },
});

app.storageQueue('takeOrder', {
  queueName: '%ORDER_QUEUE%',
  connection: '',
  return: results,
  handler: (message, context) => {
    seen.push({ message, kind: typeof message, metadata: context.triggerMetadata });
    if (message === 'bad' || message?.bad) throw new Error('This order cannot be taken.');
    return { taken: message };
  },
});

app.storageQueue('takeResult', {
  queueName: 'results',
  connection: 'OtherStorage',
  handler: (message) => {
    seen.push({ result: message });
  },
});

app.storageQueue('poison', {
  queueName: 'orders-poison',
  connection: '',
  handler: (message) => {
    seen.push({ poison: message });
  },
});

df.app.activity('send', {
  extraOutputs: [orders],
  handler: (text, context) => context.extraOutputs.set(orders, text),
});
df.app.orchestration('sender', function* (context) {
  yield context.df.callActivity('send', context.df.getInput());
});
app.http('startSender', {
  ...anonymous,
  extraInputs: [df.input.durableClient()],
  handler: async (_request, context) => {
    await df.getClient(context).startNew('sender', { input: 'from an activity' });
    return { status: 202 };
  },
});

app.http('seen', {
  authLevel: 'anonymous',
  handler: () => ({ jsonBody: seen.splice(0) }),
});

// What this host does not have: a service of its own for each.
app.storageBlob('onBlob', { path: 'in/{name}', connection: '', handler: () => undefined });
app.storageQueue('unconnected', { queueName: 'x', connection: 'Nowhere', handler: () => undefined });
app.http('reader', {
  ...anonymous,
  extraInputs: [input.storageBlob({ path: 'in/x', connection: '' })],
  handler: () => ({ status: 204 }),
});
