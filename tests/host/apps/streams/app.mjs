import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });
const anonymous = { authLevel: 'anonymous', methods: ['GET', 'POST', 'PUT'] };

const released = Promise.withResolvers();
const broken = Promise.withResolvers();

/** Sends its first words, and the rest only once somebody called `release`. */
async function* inParts() {
  yield 'first ';
  await released.promise;
  yield 'last';
}

app.http('parts', { ...anonymous, handler: () => ({ body: inParts(), headers: { 'x-kind': 'parts' } }) });
app.http('release', {
  ...anonymous,
  handler: () => {
    released.resolve();
    return { status: 202 };
  },
});
app.http('break', {
  ...anonymous,
  handler: () => {
    broken.resolve();
    return { status: 202 };
  },
});

/** Answers each piece of the body as it comes, in capitals. */
app.http('echo', {
  ...anonymous,
  route: 'echo/{name:alpha?}',
  handler: (request) => ({
    headers: { 'x-name': request.params.name ?? 'none', 'x-query': request.query.get('q') ?? 'none' },
    cookies: [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
    body: capitals(request.body),
  }),
});

async function* capitals(body) {
  for await (const chunk of body ?? []) yield Buffer.from(chunk).toString('utf8').toUpperCase();
}

app.http('size', {
  ...anonymous,
  handler: async (request) => {
    let bytes = 0;
    for await (const chunk of request.body) bytes += chunk.length;
    return { jsonBody: { bytes } };
  },
});
app.http('boom', {
  ...anonymous,
  handler: () => {
    throw new Error('the secret reason');
  },
});
async function* halfway() {
  yield 'half of it';
  await broken.promise;
  throw new Error('the other half is lost');
}
app.http('halfway', { ...anonymous, handler: () => ({ body: halfway() }) });
app.http('nothing', { ...anonymous, handler: () => undefined });
app.http('closed', { ...anonymous, authLevel: 'function', handler: () => ({ body: 'open' }) });
