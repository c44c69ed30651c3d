// Runs programs that come as data: what random programs do on the host is compared with what they mean.
const { readFileSync } = require('node:fs');
const df = require('durable-functions');
const { record } = require('./activities');

/** Fails the first `n` times; the attempts are counted in the file that outlives the host. */
df.app.activity('reluctant', {
  handler: ({ key, n }, context) => {
    const line = `reluctant ${String(context.triggerMetadata.instanceId)} ${key}`;
    record(line);
    const calls = readFileSync(process.env.CALLS_FILE, 'utf8').split('\n');
    if (calls.filter((call) => call === line).length <= n) throw new Error('not yet');
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

/** The SDK gives a long timer the results of the short ones that it is made of. */
const plain = ([kind], result) => (kind === 'sleep' ? null : result);

function* run(context, expression) {
  const [kind, value] = expression;
  const { df: d } = context;
  if (kind === 'all') {
    const results = yield d.Task.all(value.map((one) => taskOf(context, one)));
    return results.map((result, index) => plain(value[index], result));
  }
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
  return plain(expression, yield taskOf(context, expression));
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
