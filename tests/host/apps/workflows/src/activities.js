const { appendFileSync } = require('node:fs');
const { app } = require('@azure/functions');
const df = require('durable-functions');

/** Every activity call since the process started, and in a file for tests that kill the process. */
const calls = [];

function record(text) {
  calls.push(text);
  if (process.env.CALLS_FILE) appendFileSync(process.env.CALLS_FILE, `${text}\n`);
}

app.http('calls', { authLevel: 'anonymous', handler: () => ({ jsonBody: calls }) });

df.app.activity('echo', {
  handler: (input, context) => {
    record(`echo ${String(context.triggerMetadata.instanceId)} ${JSON.stringify(input)}`);
    return input;
  },
});

df.app.activity('typeOf', { handler: (input) => (input === null ? 'null' : typeof input) });

df.app.activity('nothing', { handler: () => undefined });

df.app.activity('fail', {
  handler: (message) => {
    record(`fail ${message}`);
    throw new Error(message);
  },
});

/** Fails until it was called `n` times with this key. */
const attempts = new Map();
df.app.activity('failTimes', {
  handler: ({ key, n }) => {
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    record(`failTimes ${key} ${attempt} ${new Date().toISOString()}`);
    if (attempt <= n) throw new Error(`attempt ${attempt}`);
    return attempt;
  },
});

/** Takes real time, so that a test can act while it runs; for ever in a process that is to be killed meanwhile. */
df.app.activity('slow', {
  handler: async ({ key, ms }) => {
    record(`slow ${key}`);
    if (process.env.SLOW_NEVER_ENDS) await new Promise(() => {});
    await new Promise((resolve) => setTimeout(resolve, ms));
    return key;
  },
});

class CardDeclinedError extends Error {
  name = 'CardDeclinedError';
}

df.app.activity('decline', {
  handler: ({ plain }) => {
    throw plain ? new Error('plain') : new CardDeclinedError('no funds');
  },
});

df.app.setExceptionPropertiesProvider({
  getExceptionProperties: (error) => (error instanceof CardDeclinedError ? { code: 'insufficient' } : null),
});

module.exports = { record };
