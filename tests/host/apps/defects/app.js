// One orchestration for each thing that Azure gets wrong, and that strict mode refuses.
require('../workflows/src/client.js');
require('../workflows/src/activities.js');
const df = require('durable-functions');

const minutes = (context, n) => new Date(context.df.currentUtcDateTime.getTime() + n * 60_000);

df.app.orchestration('taskReused', function* (context) {
  const tasks = ['a', 'b', 'c'].map((key, index) =>
    context.df.callActivity('slow', { key: `${context.df.instanceId}-${key}`, ms: 60 * (3 - index) }),
  );
  const order = [];
  while (tasks.length > 0) {
    const done = yield context.df.Task.any(tasks);
    tasks.splice(tasks.indexOf(done), 1);
    order.push(done.result);
  }
  order.push(yield context.df.callActivity('echo', 'next'));
  return order;
});

df.app.orchestration('timerReused', function* (context) {
  const timer = context.df.createTimer(minutes(context, 5));
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const word = context.df.waitForExternalEvent('word');
    const winner = yield context.df.Task.any([word, timer]);
    if (winner === timer) return 'late';
    if (word.result === 'right') break;
  }
  timer.cancel();
  if (context.df.getInput() === 'call') yield context.df.callActivity('echo', 'after');
  return 'in time';
});

df.app.orchestration('retryReawaited', function* (context) {
  const attempt = context.df.callActivityWithRetry('failTimes', new df.RetryOptions(600_000, 3), {
    key: context.df.instanceId,
    n: 1,
  });
  const timer = context.df.createTimer(minutes(context, 1));
  const first = yield context.df.Task.any([attempt, timer]);
  const result = yield attempt;
  const after = yield context.df.callActivity('echo', 'after');
  return { timerWon: first === timer, result, after };
});

df.app.orchestration('finishedTask', function* (context) {
  const quick = context.df.callActivity('echo', 'quick');
  yield quick;
  yield context.df.Task.any([quick, context.df.waitForExternalEvent('never')]);
});

df.app.orchestration('eventSwallowed', function* (context) {
  const word = context.df.waitForExternalEvent('word');
  for (let round = 0; round < 2; round += 1) {
    const timer = context.df.createTimer(minutes(context, 1));
    const winner = yield context.df.Task.any([word, timer]);
    if (winner !== timer) timer.cancel();
  }
  yield context.df.createTimer(minutes(context, 1));
  return yield context.df.waitForExternalEvent('word');
});

df.app.orchestration('eventsDropped', function* (context) {
  if (context.df.getInput() === 2) return 'second';
  yield context.df.waitForExternalEvent('go');
  context.df.continueAsNew(2);
});

df.app.orchestration('retryTimeout', function* (context) {
  const options = new df.RetryOptions(60_000, 5);
  options.retryTimeoutInMilliseconds = 90_000;
  try {
    yield context.df.callActivityWithRetry('failTimes', options, { key: context.df.instanceId, n: 9 });
  } catch {
    return 'caught';
  }
});

df.app.orchestration('unknownActivity', function* (context) {
  try {
    yield context.df.callActivity('noSuchActivity');
  } catch {
    return 'caught';
  }
});
df.app.orchestration('unknownChild', function* (context) {
  yield context.df.callSubOrchestrator('noSuchChild');
});
df.app.orchestration('unknownEntity', function* (context) {
  yield context.df.callEntity(new df.EntityId('noSuchEntity', 'x'), 'get');
});
df.app.orchestration('unknownSignal', function* (context) {
  context.df.signalEntity(new df.EntityId('noSuchEntity', 'x'), 'get');
  yield context.df.waitForExternalEvent('never');
});
df.app.orchestration('childOfItself', function* (context) {
  yield context.df.callSubOrchestrator('quiet', null, context.df.instanceId);
});
df.app.orchestration('quiet', function* (context) {
  yield context.df.waitForExternalEvent('never');
});
df.app.orchestration('childInUse', function* (context) {
  try {
    yield context.df.callSubOrchestrator('quiet', null, context.df.getInput());
  } catch (error) {
    return error.message;
  }
});

df.app.orchestration('throwText', function* () {
  throw 'just text';
});
df.app.orchestration('throwEmptyText', function* () {
  throw '';
});
df.app.orchestration('throwEmptyError', function* () {
  throw new Error('');
});
df.app.orchestration('throwNull', function* () {
  throw null;
});
df.app.orchestration('throwUndefined', function* () {
  throw undefined;
});

df.app.orchestration('textAnew', function* (context) {
  const input = context.df.getInput();
  if (input !== 'first') return input;
  context.df.continueAsNew('second');
});

df.app.orchestration('booleanInput', function* (context) {
  return yield context.df.callActivity('echo', true);
});

df.app.orchestration('eventName', function* (context) {
  return yield context.df.waitForExternalEvent('0');
});

df.app.orchestration('heldBack', function* (context) {
  const timer = context.df.createTimer(minutes(context, 60));
  yield context.df.Task.any([context.df.waitForExternalEvent('go'), timer]);
  return 'over';
});

df.app.orchestration('parent', function* (context) {
  try {
    yield context.df.callSubOrchestrator('quiet', null, context.df.getInput());
  } catch (error) {
    return { caught: error.message };
  }
});

df.app.orchestration('callFaulty', function* (context) {
  try {
    return yield context.df.callEntity(
      new df.EntityId('faulty', context.df.instanceId),
      context.df.getInput(),
    );
  } catch (error) {
    return { caught: error.message };
  }
});

df.app.entity('faulty', (context) => {
  const sink = new df.EntityId('faulty', 'sink');
  switch (context.df.operationName) {
    case 'throwError':
      throw new Error('lost text');
    case 'throwText':
      throw 'kept text';
    case 'signalZero':
      context.df.setState('kept');
      context.df.signalEntity(sink, 'note', 0);
      break;
    case 'signalNothing':
      context.df.signalEntity(sink, 'note');
      break;
    case 'returnTwice':
      context.df.return('one');
      context.df.return('two');
      break;
    case 'note':
      context.df.setState({ input: context.df.getInput() ?? 'none' });
      break;
  }
});
