// Orchestrations that look into the corners: ids, orders, generations, what is seen of failures.
const df = require('durable-functions');
const { record } = require('./activities');

const later = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);
const entity = (name, key) => new df.EntityId(name, key);

/** What takes ids, by name; a child at the end tells which id came next. */
const steps = {
  *activity(d) {
    yield d.callActivity('echo', 1);
  },
  *signal(d) {
    d.signalEntity(entity('list', 'numbered'), 'push', 1);
  },
  *call(d) {
    yield d.callEntity(entity('counter', 'numbered'), 'get');
  },
  *event(d) {
    yield d.waitForExternalEvent('go');
  },
  *nothing(d) {
    d.newGuid('x');
    d.setCustomStatus('x');
  },
  *all(d) {
    yield d.Task.all([d.callActivity('echo', 1), d.callActivity('echo', 2), d.callActivity('echo', 3)]);
  },
  *nested(d) {
    const pair = d.Task.all([d.callActivity('echo', 1), d.callActivity('echo', 2)]);
    yield d.Task.any([pair, d.waitForExternalEvent('never')]);
    yield pair;
  },
  *cancelled(d, context) {
    const timer = d.createTimer(later(context, 60_000));
    yield d.Task.any([d.callActivity('echo', 1), timer]);
    timer.cancel();
  },
  *retryFails(d) {
    try {
      yield d.callActivityWithRetry('fail', new df.RetryOptions(1000, 2), 'always');
    } catch {
      // What counts is the id of what comes next.
    }
  },
  *retryHelps(d) {
    const input = { key: d.newGuid(d.instanceId), n: 1 };
    yield d.callActivityWithRetry('failTimes', new df.RetryOptions(1000, 3), input);
  },
  *lock(d) {
    const lock = yield d.lock(entity('counter', 'numbered-b'), entity('counter', 'numbered-a'));
    yield d.callEntity(entity('counter', 'numbered-a'), 'add', 1);
    lock.release();
  },
  *longTimer(d, context) {
    yield d.createTimer(later(context, 20 * 86_400_000));
  },
  *http(d) {
    yield d.callHttp({ method: 'GET', url: `${serviceUrl()}/plain`, enablePolling: false });
  },
  *polling(d) {
    yield d.callHttp({ method: 'GET', url: `${serviceUrl()}/poll/${d.instanceId}?times=2&after=1` });
  },
};

const serviceUrl = () => `http://${process.env.WEBSITE_HOSTNAME}/api/service`;

df.app.orchestration('numbered', function* (context) {
  for (const step of context.df.getInput()) yield* steps[step](context.df, context);
  const child = yield context.df.callSubOrchestrator('whoAmI');
  return Number(child.split(':')[1]);
});

df.app.orchestration('whoAmI', function* (context) {
  return context.df.instanceId;
});

df.app.orchestration('waitTogether', function* (context) {
  if (context.df.getInput()?.late) yield context.df.createTimer(later(context, 60_000));
  const wait = () => context.df.waitForExternalEvent('word');
  return yield context.df.Task.all([wait(), wait()]);
});

/** Words that come during the timer wait for the code that asks for them. */
df.app.orchestration('threeLate', function* (context) {
  yield context.df.createTimer(later(context, 60_000));
  const words = [];
  for (let index = 0; index < 3; index += 1) words.push(yield context.df.waitForExternalEvent('word'));
  return words;
});

df.app.orchestration('eventType', function* (context) {
  const data = yield context.df.waitForExternalEvent('word');
  return data === undefined ? 'undefined' : JSON.stringify(data);
});

/** What an instance is in each of its generations. */
df.app.orchestration('generations', function* (context) {
  const { seen = [] } = context.df.getInput() ?? {};
  const { instanceId, parentInstanceId } = context.df;
  yield context.df.callActivity('echo', seen.length);
  seen.push({ instanceId, parentInstanceId });
  if (seen.length === 3) return seen;
  context.df.setCustomStatus(`generation ${seen.length}`);
  context.df.signalEntity(entity('list', `generations-${instanceId}`), 'push', seen.length);
  context.df.continueAsNew({ seen });
  context.df.signalEntity(entity('list', `generations-${instanceId}`), 'push', 'too late');
});

df.app.orchestration('statusAnew', function* (context) {
  if (context.df.getInput() === 2) {
    yield context.df.waitForExternalEvent('never');
    return;
  }
  context.df.setCustomStatus('from the first');
  context.df.continueAsNew(2);
});

df.app.orchestration('emptyTasks', function* (context) {
  return yield context.df.Task.all([]);
});

df.app.orchestration('failedWinner', function* (context) {
  const failing = context.df.callActivity('fail', 'lost the race');
  const event = context.df.waitForExternalEvent('never');
  const winner = yield context.df.Task.any([event, failing]);
  const { isCompleted, isFaulted, result } = winner;
  return { isFailing: winner === failing, isCompleted, isFaulted, message: result.message.split(' \n ')[0] };
});

df.app.orchestration('compound', function* (context) {
  const { Task } = context.df;
  const echo = (value) => context.df.callActivity('echo', value);
  const timer = context.df.createTimer(later(context, 60_000));
  const first = Task.any([echo('a'), timer]);
  const [winner, rest] = yield Task.all([first, Task.all([echo('b'), Task.all([echo('c')])])]);
  timer.cancel();
  return { winner: winner.result, rest };
});

/** Logs as Microsoft's guide has it: once for each line, whatever is replayed. */
df.app.orchestration('careful', function* (context) {
  const say = (line) => {
    if (!context.df.isReplaying) record(`careful ${context.df.instanceId} ${line}`);
  };
  say('begins');
  yield context.df.callActivity('echo', 1);
  say('has one');
  yield context.df.createTimer(later(context, 60_000));
  say('has slept');
  yield context.df.waitForExternalEvent('go');
  say('ends');
});

/** Every replay makes its ids again; the ones that activities were told are the first replay's. */
df.app.orchestration('stable', function* (context) {
  const made = [];
  const told = [];
  const times = [];
  const tell = () => {
    const guid = context.df.newGuid(context.df.instanceId);
    made.push(guid);
    times.push(context.df.currentUtcDateTime.toISOString());
    return context.df.callActivity('echo', { guid, at: times.at(-1) });
  };
  told.push(yield tell());
  told.push(...(yield context.df.Task.all([tell(), tell()])));
  yield context.df.createTimer(later(context, 60_000));
  told.push(yield tell());
  return { made, times, told };
});

df.app.orchestration('declined', function* (context) {
  yield context.df.callActivity('decline', { plain: context.df.getInput() === 'plain' });
});

df.app.orchestration('declinedParent', function* (context) {
  yield context.df.callActivity('echo', 'takes id 0');
  try {
    yield context.df.callSubOrchestrator('declined', context.df.getInput());
    return 'no failure';
  } catch (error) {
    const { name, message, taskName, taskId, failureDetails } = error;
    const isCausedBy = failureDetails && {
      right: failureDetails.isCausedBy('CardDeclinedError'),
      wrong: failureDetails.isCausedBy('TypeError'),
    };
    return { name, kind: error.constructor.name, message, taskName, taskId, failureDetails, isCausedBy };
  }
});

df.app.orchestration('failsAfterSignal', function* (context) {
  context.df.signalEntity(entity('list', context.df.instanceId), 'push', 'sent');
  throw new Error('after the signal');
});

df.app.orchestration('fanRewind', function* (context) {
  const { df: d } = context;
  const failing = d.callActivity('failTimes', { key: d.instanceId, n: 1 });
  return yield d.Task.all([d.callActivity('echo', 'good'), failing, d.callActivity('echo', 'fine')]);
});

/** Under its locks it comes and goes; others must do so before or after it. */
df.app.orchestration('critical', function* (context) {
  const { accounts, name } = context.df.getInput();
  const lock = yield context.df.lock(accounts.map((key) => entity('counter', key)));
  const { isLocked, ownedLocks } = context.df.isLocked();
  yield context.df.callActivity('slow', { key: `${name} comes`, ms: 5 });
  for (const key of accounts) yield context.df.callEntity(entity('counter', key), 'add', 1);
  yield context.df.callActivity('slow', { key: `${name} goes`, ms: 5 });
  lock.release();
  return { isLocked, ownedLocks: ownedLocks.map(({ key }) => key), after: context.df.isLocked().isLocked };
});

df.app.orchestration('versionedParent', function* (context) {
  return [
    context.df.version,
    yield context.df.callSubOrchestrator('versioned'),
    yield context.df.callSubOrchestrator('versioned', undefined, undefined, '7.1'),
  ];
});

df.app.entity('recorder', (context) => {
  const items = context.df.getState(() => []);
  const { operationName: op, isNewlyConstructed: isNew } = context.df;
  record(`recorder ${context.df.entityKey} ${op} ${isNew}`);
  if (op === 'throw') throw new Error('refused');
  if (op === 'forget') {
    context.df.destructOnExit();
    return;
  }
  if (op === 'tell') {
    context.df.signalEntity(entity('recorder', context.df.getInput()), 'heard', {
      from: context.df.entityKey,
    });
    context.df.signalEntity(entity('recorder', context.df.getInput()), 'heard');
    context.df.signalEntity(entity('recorder', context.df.getInput()), 'heard', [0]);
    return;
  }
  const input = context.df.getInput();
  context.df.setState([...items, input === undefined ? `${op} nothing` : input]);
  if (op === 'get') context.df.return(items);
});

/** Sends a batch: all of it reaches the entity before it runs, as the calls are made in one go. */
df.app.orchestration('batch', function* (context) {
  const { key, ops } = context.df.getInput();
  const calls = ops.map(([op, input]) => context.df.callEntity(entity('counter', key), op, input));
  const results = [];
  try {
    yield context.df.Task.all(calls);
  } catch {
    // Each call is looked at below.
  }
  for (const call of calls) {
    try {
      const value = yield call;
      results.push(value === undefined ? 'undefined' : value);
    } catch (error) {
      results.push({ caught: error.message });
    }
  }
  return results;
});
