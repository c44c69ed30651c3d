/** The value of a `durableClient` input: where the app's client finds the hub (BindingHelper of the extension). */
import type { RegisteredFunction, TypedData } from '../worker/types.ts';

interface NamedInput {
  readonly name: string;
  readonly data: TypedData;
}

/** The inputs that a function has besides its trigger. */
export type InputsFor = (fn: RegisteredFunction) => readonly NamedInput[];

export interface HubAddresses {
  readonly hubName: string;
  /** `http://localhost:7071/runtime/webhooks/durabletask`, without a slash at the end. */
  readonly webhookBase: string;
  /** `http://127.0.0.1:17071/durabletask/`, with one. */
  readonly rpcBase: string;
  /** The system key that the links carry. */
  readonly systemKey: string;
}

const clientTypes = new Set(['durableclient', 'orchestrationclient']);

/** Makes the function that gives every durable client input its value. */
export function durableClientInputs(addresses: HubAddresses): InputsFor {
  const data: TypedData = { string: JSON.stringify(clientValue(addresses)) };
  const known = new Map<string, readonly NamedInput[]>();
  return (fn) => {
    let inputs = known.get(fn.id);
    if (!inputs) {
      inputs = Object.entries(fn.metadata.bindings)
        .filter(([, binding]) => clientTypes.has(binding.type.toLowerCase()))
        .map(([name]) => ({ name, data }));
      known.set(fn.id, inputs);
    }
    return inputs;
  };
}

/** The links to an instance, for `id`; `INSTANCEID` makes the template that the SDK fills in. */
export function managementLinks(addresses: HubAddresses, id: string): Record<string, string> {
  const { webhookBase, hubName, systemKey } = addresses;
  const query = `taskHub=${hubName}&connection=Storage&code=${systemKey}`;
  const instance = `${webhookBase}/instances/${encodeURIComponent(id)}`;
  return {
    id,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

function clientValue(addresses: HubAddresses): object {
  const { webhookBase, hubName, rpcBase, systemKey } = addresses;
  const create = `${webhookBase}/orchestrators/{functionName}[/{instanceId}]`;
  const key = `code=${systemKey}`;
  return {
    taskHubName: hubName,
    creationUrls: {
      createNewInstancePostUri: `${create}?${key}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${key}`,
    },
    managementUrls: managementLinks(addresses, 'INSTANCEID'),
    baseUrl: webhookBase,
    requiredQueryStringParameters: key,
    rpcBaseUrl: rpcBase,
  };
}
