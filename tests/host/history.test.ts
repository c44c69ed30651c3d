import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { eventType, indexHistory, newEvent } from '../../local/host/durable/history.ts';
import { TimestampWalk } from '../../local/host/durable/timestamp-walk.ts';

describe('the index of a history', () => {
  test('grows with it, and knows what is open', () => {
    const history = [newEvent(eventType.taskScheduled, 0, 0), newEvent(eventType.timerCreated, 0, 1)];
    const index = indexHistory(history);
    expect([...index.open]).toEqual([0, 1]);
    history.push(newEvent(eventType.taskCompleted, 1, -1, { TaskScheduledId: 0 }));
    history.push(newEvent(eventType.eventSent, 1, 2));
    expect([...indexHistory(history).open]).toEqual([1]);
    expect([...index.decided.keys()]).toEqual([0, 1, 2]);
    expect([...index.answered]).toEqual([0]);
  });
});

describe("the SDK's walk for timestamps", () => {
  const appDir = join(import.meta.dirname, 'apps/workflows');
  const walk = new TimestampWalk(appDir);
  const sdk = createRequire(join(appDir, 'package.json'))('durable-functions/lib/src/util/Utils') as {
    Utils: { parseTimestampsAsDates: (value: unknown) => void };
  };
  const at = '2026-01-01T00:00:00.000Z';

  test('makes dates of all that is new, and leaves what it has seen', () => {
    const history: { Timestamp: unknown }[] = [{ Timestamp: at }];
    walk.onlyGrows(history);
    sdk.Utils.parseTimestampsAsDates({ history });
    expect(history[0]?.Timestamp).toEqual(new Date(at));
    history.push({ Timestamp: at });
    let lookedAgain = false;
    Object.defineProperty(history[0], 'Timestamp', { get: () => (lookedAgain = true), enumerable: true });
    sdk.Utils.parseTimestampsAsDates({ history });
    expect(history[1]?.Timestamp).toEqual(new Date(at));
    expect(lookedAgain).toBe(false);
  });

  test('goes through everything else as it always did', () => {
    const payload = { input: { list: [{ Timestamp: at }] } };
    sdk.Utils.parseTimestampsAsDates(payload);
    expect(payload.input.list[0]?.Timestamp).toEqual(new Date(at));
  });
});
