// The second entry file: orchestrations for what host.json sets.
import * as df from 'durable-functions';
import { ran } from './clients.js';

df.app.orchestration('held', function* (context) {
  ran.push(context.df.instanceId);
  return 'ran';
});

df.app.orchestration('waiting', function* (context) {
  ran.push(context.df.instanceId);
  return yield context.df.waitForExternalEvent('go');
});

/** Sleeps beyond the longest short timer, and sees for itself when it wakes. */
df.app.orchestration('sleeper', function* (context) {
  const { minutes, cancel = false } = context.df.getInput();
  const until = new Date(context.df.currentUtcDateTime.getTime() + minutes * 60_000);
  const timer = context.df.createTimer(until);
  const go = context.df.waitForExternalEvent('go');
  const winner = yield context.df.Task.any([go, timer]);
  if (cancel) timer.cancel();
  const child = yield context.df.callSubOrchestrator('version');
  return {
    late: context.df.currentUtcDateTime.getTime() - until.getTime(),
    timerWon: winner === timer,
    child: child.instanceId.split(':')[1],
  };
});

df.app.orchestration('version', function* (context) {
  return { version: context.df.version, instanceId: context.df.instanceId };
});

df.app.orchestration('versions', function* (context) {
  const { df: d } = context;
  const generation = d.getInput() ?? 1;
  if (generation === 1) {
    d.continueAsNew(2);
    return;
  }
  const plain = yield d.callSubOrchestrator('version');
  const chosen = yield d.callSubOrchestrator('version', undefined, undefined, '9.0');
  return [d.version, plain.version, chosen.version];
});

df.app.activity('nothing', { handler: () => undefined });
