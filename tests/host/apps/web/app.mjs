import { app } from '@azure/functions';

const seen = [];
const anonymous = { authLevel: 'anonymous' };

app.hook.appStart(() => {
  seen.push('appStart');
});
app.hook.appTerminate(() => {
  process.stderr.write('appTerminate ran\n');
});
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName !== 'hooked') return;
  context.hookData.trace = ['pre1'];
  context.inputs[0] = { swapped: true };
});
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName !== 'hooked') return;
  context.hookData.trace.push('pre2');
  const original = context.functionHandler;
  context.functionHandler = async (...inputs) => ({ ...(await original(...inputs)), wrapped: true });
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName !== 'hooked') return;
  context.hookData.trace.push('post');
  if (context.error) context.error = null;
  context.result = {
    jsonBody: { ...context.result, trace: context.hookData.trace, started: seen.includes('appStart') },
  };
});
app.hook.log((context) => {
  if (context.message === 'secret') context.message = 'hidden';
});

app.http('hooked', { ...anonymous, handler: (input) => ({ swapped: input.swapped === true }) });

app.http('show', {
  ...anonymous,
  methods: ['GET', 'POST', 'PUT'],
  route: 'show/{id:int}/{*rest}',
  handler: async (request) => ({
    jsonBody: {
      method: request.method,
      params: request.params,
      query: [...request.query],
      header: request.headers.get('X-Custom'),
      body: await request.text(),
      url: new URL(request.url).pathname,
    },
  }),
});

app.http('optional', {
  ...anonymous,
  route: 'optional/{name?}',
  handler: (r) => ({ body: r.params.name ?? 'none' }),
});
app.http('literal', {
  ...anonymous,
  route: 'optional/literal',
  handler: () => ({ body: 'the literal one' }),
});

app.http('bytes', {
  ...anonymous,
  methods: ['POST'],
  handler: async (request) => ({
    body: Buffer.from(await request.arrayBuffer()).reverse(),
    headers: { 'content-type': 'application/octet-stream' },
  }),
});

app.http('cookies', {
  ...anonymous,
  handler: () => ({
    status: 201,
    cookies: [
      { name: 'a', value: '1', sameSite: 'Strict', httpOnly: true, path: '/' },
      { name: 'b', value: '2', sameSite: 'None', secure: true, maxAge: 60 },
      { name: 'c', value: '3' },
    ],
  }),
});

app.http('empty', { ...anonymous, handler: () => undefined });
app.http('boom', {
  ...anonymous,
  handler: () => {
    throw new Error('the secret reason');
  },
});
app.http('log', {
  ...anonymous,
  handler: (_request, context) => {
    context.log('secret');
    context.warn('careful');
    return { status: 200 };
  },
});
app.http('default', { authLevel: 'function', handler: () => ({ body: 'function level' }) });
app.http('adminOnly', { authLevel: 'admin', handler: () => ({ body: 'admin level' }) });
app.http('settings', {
  ...anonymous,
  handler: () => ({
    jsonBody: {
      file: process.env.FROM_FILE,
      both: process.env.FROM_BOTH,
      host: process.env.WEBSITE_HOSTNAME,
    },
  }),
});
app.http('seen', { ...anonymous, handler: () => ({ jsonBody: seen }) });

app.timer('tick', {
  schedule: '%TICK%',
  handler: (timer) => {
    seen.push({ tick: new Date().toISOString(), ...timer });
  },
});
app.timer('atStart', {
  schedule: '0 0 3 * * *',
  runOnStartup: true,
  handler: () => {
    seen.push({ atStart: new Date().toISOString() });
  },
});
