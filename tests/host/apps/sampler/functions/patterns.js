// A chain, a fan-out, a sub-orchestration, a monitor, a person to wait for, and a call to an address.
const df = require('durable-functions');

df.app.activity('greet', { handler: (name) => `Hello ${name}` });

df.app.orchestration('chain', function* (context) {
  const greetings = [];
  for (const name of ['Tokyo', 'Seattle', 'Cairo']) {
    greetings.push(yield context.df.callActivity('greet', name));
  }
  return greetings;
});

df.app.activity('list', { handler: (count) => Array.from({ length: count }, (_, index) => `file-${index}`) });
df.app.activity('copy', { handler: (file) => file.length });

df.app.orchestration('fanOut', function* (context) {
  const files = yield context.df.callActivity('list', context.df.getInput());
  const sizes = yield context.df.Task.all(files.map((file) => context.df.callActivity('copy', file)));
  return sizes.reduce((sum, size) => sum + size, 0);
});

df.app.orchestration('outer', function* (context) {
  return yield context.df.callSubOrchestrator('chain', context.df.getInput());
});

let asked = 0;
df.app.activity('isClear', { handler: () => (asked += 1) > 2 });

df.app.orchestration('monitor', function* (context) {
  const end = new Date(context.df.currentUtcDateTime.getTime() + 6 * 3_600_000);
  for (let looks = 1; context.df.currentUtcDateTime < end; looks += 1) {
    if (yield context.df.callActivity('isClear')) return looks;
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 30 * 60_000));
  }
  return 'never';
});

df.app.orchestration('verification', function* (context) {
  const timeout = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 90_000));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const answer = context.df.waitForExternalEvent('ChallengeResponse');
    const winner = yield context.df.Task.any([answer, timeout]);
    if (winner === timeout) return 'too late';
    if (answer.result === context.df.getInput()) {
      timeout.cancel();
      return 'verified';
    }
  }
  timeout.cancel();
  return 'wrong';
});

df.app.orchestration('call', function* (context) {
  const { statusCode, content } = yield context.df.callHttp({ method: 'GET', url: context.df.getInput() });
  return { statusCode, content };
});
