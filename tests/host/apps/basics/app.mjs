import { app } from '@azure/functions';
import * as df from 'durable-functions';

app.http('hello', {
  authLevel: 'anonymous',
  route: 'hello/{name?}',
  handler: async (request) => ({ jsonBody: { hello: request.params.name ?? 'world' } }),
});

app.http('start', {
  authLevel: 'anonymous',
  route: 'start/{orchestrator}/{id?}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const text = await request.text();
    const id = await client.startNew(request.params.orchestrator, {
      instanceId: request.params.id || undefined,
      input: text === '' ? undefined : JSON.parse(text),
    });
    return client.createCheckStatusResponse(request, id);
  },
});

df.app.activity('say', { handler: (name) => `Hello, ${name}!` });

df.app.orchestration('cities', function* (context) {
  const a = yield context.df.callActivity('say', 'Tokyo');
  const b = yield context.df.callActivity('say', 'London');
  return [a, b];
});

df.app.orchestration('sleeper', function* (context) {
  const until = new Date(context.df.currentUtcDateTime.getTime() + 90 * 86400000);
  yield context.df.createTimer(until);
  const count = yield context.df.callEntity(new df.EntityId('counter', 'a'), 'add', 5);
  return { until: until.toISOString(), at: context.df.currentUtcDateTime.toISOString(), count };
});

df.app.entity('counter', (context) => {
  const value = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case 'add': {
      const next = value + context.df.getInput();
      context.df.setState(next);
      context.df.return(next);
      break;
    }
    case 'get':
      context.df.return(value);
      break;
    case 'delete':
      context.df.destructOnExit();
      break;
  }
});
