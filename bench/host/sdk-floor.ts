/**
 * The floor of replay: the SDK's own handlers, driven by hand with a history made by hand. No host, no store, no queue,
 * no JSON; each episode gets all that the one before asked for.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { appDir } from './bench-host.ts';

type Handler = (payload: object, context: object) => Promise<unknown>;

interface SdkState {
  readonly isDone: boolean;
  readonly actions: readonly (readonly { readonly functionName: string; readonly input: unknown }[])[];
}

interface Functions {
  readonly orchestrators: Record<string, (context: object) => unknown>;
  readonly activities: Record<string, (value: unknown) => unknown>;
  readonly entities: Record<string, (context: object) => unknown>;
}

export interface SdkFloor {
  /** @param events external events called `item` that come once it waits */
  orchestration(name: string, input: unknown, events?: number): Promise<void>;
  /** One batch of operations. */
  entity(name: string, state: unknown, inputs: readonly unknown[]): Promise<void>;
}

export async function loadSdkFloor(): Promise<SdkFloor> {
  const functions = (await import(pathToFileURL(join(appDir, 'functions.js')).href)) as Functions;
  const sdk = createRequire(join(appDir, 'package.json'));
  const { Orchestrator } = sdk('durable-functions/lib/src/orchestrations/Orchestrator') as {
    Orchestrator: new (fn: unknown) => { listen(): Handler };
  };
  const { Entity } = sdk('durable-functions/lib/src/entities/Entity') as {
    Entity: new (fn: unknown) => { listen(): Handler };
  };
  return {
    orchestration: (name, input, events = 0) => {
      const run = (payload: object): Promise<SdkState> =>
        new Orchestrator(functions.orchestrators[name]).listen()(payload, {}) as Promise<SdkState>;
      return drive(run, functions.activities, { input, events });
    },
    entity: async (name, state, inputs) => {
      const batch = inputs.map((input) => ({ name: 'add', input: JSON.stringify(input), isSignal: true }));
      const payload = { self: { name, key: 'k' }, exists: true, state: JSON.stringify(state), batch };
      await new Entity(functions.entities[name]).listen()(payload, {});
    },
  };
}

async function drive(
  run: (payload: object) => Promise<SdkState>,
  activities: Functions['activities'],
  { input, events }: { input: unknown; events: number },
): Promise<void> {
  const history: Record<string, unknown>[] = [];
  const add = (EventType: number, fields: object = {}): number =>
    history.push({ EventType, EventId: -1, IsPlayed: false, Timestamp: new Date().toISOString(), ...fields });
  add(12);
  add(0, { Name: 'bench', Version: '', Input: JSON.stringify(input) });
  let scheduled = 0;
  let toSend = events;
  for (;;) {
    const { isDone, actions } = await run(payloadOf(history, input));
    if (isDone) return;
    for (const event of history) event['IsPlayed'] = true;
    const calls = actions[0]?.flatMap(callsIn).slice(scheduled) ?? [];
    const first = scheduled;
    for (const { functionName } of calls) add(4, { EventId: scheduled++, Name: functionName });
    add(13);
    add(12);
    calls.forEach(({ functionName, input: value }, index) => {
      const Result = JSON.stringify(activities[functionName]?.(value));
      add(5, { TaskScheduledId: first + index, Result });
    });
    for (; toSend > 0; toSend--) add(15, { Name: 'item', Input: '1' });
  }
}

type Action = SdkState['actions'][number][number] & { readonly compoundActions?: readonly Action[] };

function callsIn(action: Action): Action[] {
  if (action.compoundActions) return action.compoundActions.flatMap(callsIn);
  return action.functionName === undefined ? [] : [action];
}

function payloadOf(history: object[], input: unknown): object {
  return {
    history,
    input,
    instanceId: 'bench',
    isReplaying: false,
    parentInstanceId: null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 3,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  };
}
