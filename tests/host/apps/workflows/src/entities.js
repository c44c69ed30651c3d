const df = require('durable-functions');

const counter = (name) => new df.EntityId('counter', name);

df.app.entity('counter', (context) => {
  const { operationName } = context.df;
  const value = context.df.getState(() => 0);
  switch (operationName) {
    case 'add':
      context.df.setState(value + context.df.getInput());
      context.df.return(value + context.df.getInput());
      break;
    case 'get':
      context.df.return(value);
      break;
    case 'set':
      context.df.setState(context.df.getInput());
      break;
    case 'isNew':
      context.df.return(context.df.isNewlyConstructed);
      break;
    case 'silent':
      break;
    case 'delete':
      context.df.destructOnExit();
      break;
    case 'throwError':
      context.df.setState(value + 100);
      throw new Error('entity broke');
    case 'throwText':
      throw 'entity said no';
    case 'forward':
      context.df.setState(value + 1);
      context.df.signalEntity(counter(context.df.getInput()), 'add', 10);
      break;
    default:
      throw new Error(`unknown operation ${operationName}`);
  }
});

df.app.entity('list', (context) => {
  const items = context.df.getState(() => []);
  items.push(context.df.getInput());
  context.df.setState(items);
});

df.app.entity('slowly', async (context) => {
  await new Promise((resolve) => setTimeout(resolve, context.df.getInput()));
  context.df.setState('written');
});

df.app.entity('launcher', {
  extraInputs: [df.input.durableClient()],
  handler: async (context) => {
    const client = df.getClient(context);
    const id = await client.startNew('child', { input: 'from entity', instanceId: context.df.getInput() });
    context.df.setState(id);
  },
});

df.app.orchestration('callCounter', function* (context) {
  const { key, calls } = context.df.getInput();
  const results = [];
  for (const [operation, input] of calls) {
    try {
      const result = yield context.df.callEntity(counter(key), operation, input);
      results.push(result === undefined ? 'undefined' : result);
    } catch (error) {
      results.push({ caught: error.message });
    }
  }
  return results;
});

df.app.orchestration('signalMany', function* (context) {
  const { key, count } = context.df.getInput();
  for (let index = 0; index < count; index += 1)
    context.df.signalEntity(new df.EntityId('list', key), 'push', index);
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1000));
  return count;
});

/** Reads, pauses and writes under locks: without them, transfers lose money. */
df.app.orchestration('transfer', function* (context) {
  const { from, to, amount, release = true, fail = false } = context.df.getInput();
  const lock = yield context.df.lock(counter(from), counter(to));
  const balance = yield context.df.callEntity(counter(from), 'get');
  const other = yield context.df.callEntity(counter(to), 'get');
  yield context.df.callActivity('echo', 'thinking');
  yield context.df.callEntity(counter(from), 'set', balance - amount);
  yield context.df.callEntity(counter(to), 'set', other + amount);
  if (fail) throw new Error('failed inside');
  if (!release) return 'kept';
  lock.release();
  return yield context.df.callActivity('echo', 'released');
});

df.app.orchestration('holdLock', function* (context) {
  const lock = yield context.df.lock(counter(context.df.getInput()));
  context.df.setCustomStatus('locked');
  yield context.df.waitForExternalEvent('letGo');
  lock.release();
  return 'done';
});

df.app.orchestration('breakRules', function* (context) {
  const problems = [];
  const attempt = (act) => {
    try {
      act();
    } catch (error) {
      problems.push(error.name);
    }
  };
  const lock = yield context.df.lock(counter('rules'));
  attempt(() => context.df.lock(counter('other')));
  attempt(() => context.df.callEntity(counter('other'), 'get'));
  attempt(() => context.df.signalEntity(counter('rules'), 'add', 1));
  attempt(() => context.df.callSubOrchestrator('child'));
  lock.release();
  return problems;
});
