/** The smallest orchestrations and entities that make the host work; the floor without a host runs the same ones. */
import df from 'durable-functions';

export const orchestrators = {
  *chain(context) {
    let value = 0;
    for (let step = 0; step < context.df.getInput(); step++) {
      value = yield context.df.callActivity('increment', value);
    }
    return value;
  },

  *fanOut(context) {
    const calls = [];
    for (let call = 0; call < context.df.getInput(); call++) {
      calls.push(context.df.callActivity('increment', call));
    }
    const results = yield context.df.Task.all(calls);
    return results.length;
  },

  *collect(context) {
    for (let received = 0; received < context.df.getInput(); received++) {
      yield context.df.waitForExternalEvent('item');
    }
  },

  *daily(context) {
    yield context.df.callActivity('increment', 0);
    const next = new Date(context.df.currentUtcDateTime.getTime() + 86_400_000);
    yield context.df.createTimer(next);
    context.df.continueAsNew(null);
  },
};

export const activities = {
  increment: (value) => value + 1,
};

export const entities = {
  counter(context) {
    const sum = context.df.getState(() => 0);
    context.df.setState(sum + context.df.getInput());
  },
};

/** Tells the host, or whoever loads this, of all of them. */
export function register() {
  for (const [name, handler] of Object.entries(orchestrators)) df.app.orchestration(name, handler);
  for (const [name, handler] of Object.entries(activities)) df.app.activity(name, { handler });
  for (const [name, handler] of Object.entries(entities)) df.app.entity(name, handler);
}
