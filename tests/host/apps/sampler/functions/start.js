// Starts any orchestration, and hands out its links or waits for its end.
const { app } = require('@azure/functions');
const df = require('durable-functions');

app.http('httpStart', {
  route: 'orchestrators/{orchestratorName}',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const input = await request.json();
    const id = await client.startNew(request.params.orchestratorName, { input });
    context.log(`Started ${id}.`);
    return client.createCheckStatusResponse(request, id);
  },
});

app.http('httpWait', {
  route: 'orchestrators/wait/{orchestratorName}',
  authLevel: 'anonymous',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const id = await client.startNew(request.params.orchestratorName, { input: await request.json() });
    const times = { timeoutInMilliseconds: 10_000, retryIntervalInMilliseconds: 20 };
    return client.waitForCompletionOrCreateCheckStatusResponse(request, id, times);
  },
});
