// Runs programs that come as data: what random programs do on the host is compared with what they mean.
const df = require('durable-functions');

const attempts = new Map();

/** Fails the first `n` times in this process; a host that was killed begins to count anew. */
df.app.activity('reluctant', {
  handler: ({ key, n }, context) => {
    const id = `${context.triggerMetadata.instanceId} ${key}`;
    const attempt = (attempts.get(id) ?? 0) + 1;
    attempts.set(id, attempt);
    if (attempt <= n) throw new Error('not yet');
    return key;
  },
});

const shorten = (error) => ({ caught: error.message.split(' \n ')[0] });

/** The task behind an expression, if it is one task. */
function taskOf(context, [kind, value, more]) {
  const { df: d } = context;
  switch (kind) {
    case 'echo':
      return d.callActivity('echo', value);
    case 'fail':
      return d.callActivity('fail', value);
    case 'retry':
      return d.callActivityWithRetry('reluctant', new df.RetryOptions(1000, more), {
        key: value,
        n: more - 1,
      });
    case 'giveUp':
      return d.callActivityWithRetry('fail', new df.RetryOptions(1000, more), value);
    case 'sleep':
      return d.createTimer(new Date(d.currentUtcDateTime.getTime() + value * 60_000));
    case 'event':
      return d.waitForExternalEvent(value);
    case 'sub':
      return d.callSubOrchestrator('program', { program: value });
    case 'add':
      return d.callEntity(new df.EntityId('counter', d.instanceId), 'add', value);
    default:
      throw new Error(`no task for ${kind}`);
  }
}

function* run(context, expression) {
  const [kind, value] = expression;
  const { df: d } = context;
  if (kind === 'all') return yield d.Task.all(value.map((one) => taskOf(context, one)));
  if (kind === 'any') {
    const tasks = value.map((one) => taskOf(context, one));
    const winner = yield d.Task.any(tasks);
    value.forEach(([of], index) => {
      if (of === 'sleep' && tasks[index] !== winner) tasks[index].cancel();
    });
    return tasks.indexOf(winner);
  }
  if (kind === 'guid') {
    const guid = d.newGuid(d.instanceId);
    return (yield d.callActivity('echo', guid)) === guid;
  }
  const result = yield taskOf(context, expression);
  return result === undefined ? null : result;
}

/** `anew` begins a new generation for the rest of the program; everything else has a result. */
df.app.orchestration('program', function* (context) {
  const { program, results = [] } = context.df.getInput();
  for (const [index, expression] of program.entries()) {
    context.df.setCustomStatus({ at: expression });
    if (expression[0] === 'anew') {
      context.df.continueAsNew({ program: program.slice(index + 1), results });
      return;
    }
    if (expression[0] === 'throw') throw new Error(expression[1]);
    try {
      results.push(yield* run(context, expression));
    } catch (error) {
      results.push(shorten(error));
    }
  }
  return results;
});
