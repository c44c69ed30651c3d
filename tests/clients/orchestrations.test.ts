/** Starting the same twice, at once or one after the other, whatever became of the first. */
import { describe, expect, test } from '@jest/globals';
import { OrchestrationRuntimeStatus, type DurableClient } from 'durable-functions';
import {
  isUnderWay,
  startUnlessDone,
  startUnlessStarted,
  startUnlessUnderWay,
} from '../../clients/orchestrations.ts';

type Status = keyof typeof OrchestrationRuntimeStatus;
const start = { name: 'cook', instanceId: 'soup', input: {} };

/** A client that knows one instance, or none, and counts what it is asked to start. */
function aClient(held: Status | undefined, refuses = false) {
  let current = held;
  const started: string[] = [];
  const client = {
    getStatus: () =>
      current === undefined
        ? Promise.reject(new Error('HTTP 404'))
        : Promise.resolve({ runtimeStatus: OrchestrationRuntimeStatus[current] }),
    startNew: (name: string) => {
      if (refuses) return Promise.reject(new Error('The storage is away.'));
      started.push(name);
      current = 'Running';
      return Promise.resolve('soup');
    },
  } as unknown as DurableClient;
  return { client, started };
}

const statuses: (Status | undefined)[] = [
  undefined,
  'Pending',
  'Running',
  'Completed',
  'Failed',
  'Terminated',
];
const startsOf = (starts: readonly (Status | undefined)[]) =>
  statuses.map((status) => [status ?? 'none', status, starts.includes(status)] as const);

describe('an instance is started anew', () => {
  test.each(startsOf([undefined, 'Completed', 'Failed', 'Terminated']))(
    'unless it runs: %s',
    async (_name, status, starts) => {
      const { client, started } = aClient(status);
      expect(await isUnderWay(client, 'soup')).toBe(!starts);
      await startUnlessUnderWay(client, start);
      expect(started).toEqual(starts ? ['cook'] : []);
    },
  );

  test.each(startsOf([undefined, 'Failed', 'Terminated']))(
    'unless it runs or has ended well: %s',
    async (_name, status, starts) => {
      const { client, started } = aClient(status);
      await startUnlessDone(client, start);
      expect(started).toEqual(starts ? ['cook'] : []);
    },
  );
});

describe('a start that is refused', () => {
  test.each(['Pending', 'Completed', 'Failed'] as const)(
    'is enough where it stands as %s',
    async (status) => {
      await startUnlessStarted(aClient(status, true).client, start);
    },
  );

  test.each([undefined, 'Completed', 'Failed'] as const)(
    'is told where it has to run and stands as %s',
    async (status) => {
      await expect(startUnlessUnderWay(aClient(status, true).client, start)).rejects.toThrow('away');
    },
  );

  test('is told where there is none', async () => {
    await expect(startUnlessStarted(aClient(undefined, true).client, start)).rejects.toThrow('away');
    await expect(startUnlessDone(aClient('Failed', true).client, start)).rejects.toThrow('away');
  });
});
