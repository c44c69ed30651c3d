const df = require('durable-functions');

const minutes = (context, n) => new Date(context.df.currentUtcDateTime.getTime() + n * 60_000);

df.app.orchestration('sequence', function* (context) {
  const { df: d } = context;
  return [
    yield d.callActivity('echo', 'text'),
    yield d.callActivity('echo', '123'),
    yield d.callActivity('echo', 4.5),
    yield d.callActivity('echo', { a: [1, null] }),
    yield d.callActivity('typeOf', null),
    yield d.callActivity('nothing'),
  ];
});

df.app.orchestration('fanOut', function* (context) {
  const count = context.df.getInput();
  const tasks = Array.from({ length: count }, (_, index) => context.df.callActivity('echo', index));
  return yield context.df.Task.all(tasks);
});

df.app.orchestration('approval', function* (context) {
  const { cancel = true, waitMinutes = 60 } = context.df.getInput() ?? {};
  const timeout = context.df.createTimer(minutes(context, waitMinutes));
  const approved = context.df.waitForExternalEvent('approved');
  const winner = yield context.df.Task.any([approved, timeout]);
  if (winner === timeout) return 'timed out';
  if (cancel) timeout.cancel();
  return { approvedBy: approved.result };
});

df.app.orchestration('oneFails', function* (context) {
  try {
    yield context.df.Task.all([
      context.df.callActivity('fail', 'early'),
      context.df.callActivity('slow', { key: 'late', ms: 300 }),
    ]);
  } catch (error) {
    context.df.setCustomStatus('saw it');
    throw new Error('gave up');
  }
});

df.app.orchestration('retry', function* (context) {
  const { key, n, attempts, options = {} } = context.df.getInput();
  const retry = Object.assign(new df.RetryOptions(60_000, attempts), options);
  let outcome;
  try {
    outcome = yield context.df.callActivityWithRetry('failTimes', retry, { key, n });
  } catch (error) {
    outcome = error.message.split(' \n ')[0];
  }
  const after = yield context.df.callActivity('echo', 'after');
  return { outcome, after, at: context.df.currentUtcDateTime.toISOString() };
});

df.app.orchestration('retryChild', function* (context) {
  const { key, n, attempts } = context.df.getInput();
  const child = yield context.df.callSubOrchestratorWithRetry(
    'flakyChild',
    new df.RetryOptions(1000, attempts),
    { key, n },
  );
  return child;
});

df.app.orchestration('flakyChild', function* (context) {
  yield context.df.callActivity('failTimes', context.df.getInput());
  return context.df.instanceId;
});

df.app.orchestration('sleep', function* (context) {
  const until = new Date(context.df.getInput());
  yield context.df.createTimer(until);
  return context.df.currentUtcDateTime.toISOString();
});

df.app.orchestration('daily', function* (context) {
  const { days, done = 0 } = context.df.getInput();
  if (done === days) return done;
  yield context.df.createTimer(minutes(context, 24 * 60));
  yield context.df.callActivity('echo', done);
  context.df.continueAsNew({ days, done: done + 1 });
});

df.app.orchestration('twoEvents', function* (context) {
  const first = yield context.df.waitForExternalEvent('word');
  const second = yield context.df.waitForExternalEvent('word');
  return [first, second];
});

df.app.orchestration('countUp', function* (context) {
  const { to, now = 0 } = context.df.getInput();
  if (now < to) context.df.continueAsNew({ to, now: now + 1 });
  return now;
});

/** One event per generation; what comes meanwhile must not be lost. */
df.app.orchestration('collect', function* (context) {
  const { wanted, got = [] } = context.df.getInput();
  const item = yield context.df.waitForExternalEvent('item');
  got.push(item);
  if (got.length === wanted) return got;
  context.df.continueAsNew({ wanted, got });
});

df.app.orchestration('anewWithOpenTimer', function* (context) {
  if (context.df.getInput() === 2) return context.df.currentUtcDateTime.toISOString();
  const timer = context.df.createTimer(minutes(context, 30));
  const go = context.df.waitForExternalEvent('go');
  yield context.df.Task.any([go, timer]);
  context.df.continueAsNew(2);
});

df.app.orchestration('parent', function* (context) {
  const { child, input, id } = context.df.getInput();
  try {
    return yield context.df.callSubOrchestrator(child, input, id);
  } catch (error) {
    return { caught: error.message };
  }
});

df.app.orchestration('rewindableParent', function* (context) {
  const { child, input } = context.df.getInput();
  yield context.df.callActivity('echo', 'rewindable-first');
  const result = yield context.df.callSubOrchestrator(child, input);
  return ['first', result];
});

df.app.orchestration('rewindable', function* (context) {
  return yield context.df.callActivity('failTimes', context.df.getInput());
});

df.app.orchestration('child', function* (context) {
  const said = yield context.df.callActivity('echo', context.df.getInput());
  return { said, id: context.df.instanceId, parent: context.df.parentInstanceId };
});

df.app.orchestration('failing', function* (context) {
  context.df.setCustomStatus({ step: 1 });
  yield context.df.callActivity('echo', 'before');
  context.df.setCustomStatus({ step: 2 });
  throw new Error('it broke');
});

df.app.orchestration('activityFails', function* (context) {
  yield context.df.callActivity('fail', 'boom');
});

df.app.orchestration('yieldNonsense', function* () {
  yield 42;
});
df.app.orchestration('asyncHandler', async () => 'no generator');

df.app.orchestration('typedFailure', function* (context) {
  try {
    yield context.df.callActivity('decline', { plain: context.df.getInput() === 'plain' });
    return 'no failure';
  } catch (error) {
    return { name: error.constructor.name, message: error.message, details: error.failureDetails ?? null };
  }
});

df.app.orchestration('identity', function* (context) {
  const before = context.df.newGuid('x');
  const again = context.df.newGuid('x');
  yield context.df.callActivity('echo', 'pause');
  yield context.df.createTimer(minutes(context, 1));
  return { before, again, after: context.df.newGuid('x') };
});

const replays = [];
df.app.orchestration('logOnce', function* (context) {
  replays.push(context.df.isReplaying);
  yield context.df.callActivity('echo', 'one');
  if (!context.df.isReplaying) replays.push('live');
  return replays;
});

df.app.orchestration('waiter', function* (context) {
  context.df.setCustomStatus('waiting');
  const word = yield context.df.waitForExternalEvent('word');
  yield context.df.callActivity('echo', word);
  return word;
});

df.app.orchestration('slowStep', function* (context) {
  const result = yield context.df.callActivity('slow', { key: context.df.instanceId, ms: 1000 });
  const next = yield context.df.callActivity('echo', 'next');
  return { result, next };
});

df.app.orchestration('steps', function* (context) {
  const results = [];
  for (let step = 0; step < context.df.getInput(); step += 1) {
    results.push(yield context.df.callActivity('echo', step));
  }
  return results;
});

df.app.orchestration('bigStatus', function* (context) {
  context.df.setCustomStatus('x'.repeat(context.df.getInput()));
  return 'done';
});

df.app.orchestration('clearStatus', function* (context) {
  context.df.setCustomStatus('something');
  yield context.df.waitForExternalEvent('clear');
  context.df.setCustomStatus(null);
  return 'done';
});

df.app.orchestration('versioned', function* (context) {
  return context.df.version ?? null;
});

df.app.orchestration('http', function* (context) {
  const response = yield context.df.callHttp(context.df.getInput());
  return { status: response.statusCode, content: response.content, headers: response.headers };
});
