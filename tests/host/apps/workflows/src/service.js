// A service that orchestrations call over HTTP; it answers as it is told, and keeps what it was asked.
const { app } = require('@azure/functions');

const asked = new Map();
const methods = ['GET', 'POST', 'PUT', 'DELETE'];

function note(request, key) {
  const entry = {
    method: request.method,
    path: new URL(request.url).pathname,
    at: new Date().toISOString(),
    headers: Object.fromEntries(request.headers),
    body: '',
  };
  asked.set(key, [...(asked.get(key) ?? []), entry]);
  return entry;
}

function route(name, template, handler) {
  app.http(name, { authLevel: 'anonymous', methods, route: `service/${template}`, handler });
}

route('service-plain', 'plain/{key?}', async (request) => {
  const entry = note(request, request.params.key ?? 'plain');
  entry.body = await request.text();
  return {
    status: Number(request.query.get('status') ?? 200),
    headers: { 'content-type': 'text/x-special', 'x-answer': 'yes', 'x-SHOUT': 'a' },
    cookies: [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
    body: 'answer',
  };
});

/** Answers 202 `times` times and then 200; each time it points to the next step. */
route('service-poll', 'poll/{key}/{step?}', async (request) => {
  const { key, step = '0' } = request.params;
  const entry = note(request, key);
  entry.body = await request.text();
  const { times = '1', after, location = 'yes' } = Object.fromEntries(request.query);
  if (Number(step) >= Number(times)) return { body: `done after ${step}` };
  const next = new URL(request.url);
  next.pathname = `/api/service/poll/${key}/${Number(step) + 1}`;
  return {
    status: 202,
    headers: {
      ...(location === 'yes' ? { location: next.href } : {}),
      ...(after === undefined ? {} : { 'retry-after': after }),
    },
    body: 'wait',
  };
});

app.http('asked', {
  authLevel: 'anonymous',
  route: 'asked/{key}',
  handler: (request) => ({ jsonBody: asked.get(request.params.key) ?? [] }),
});
