/** Items 20 to 22: external events, and orchestrations that continue as new. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from '../workflow-driver.ts';

let app: Workflows;

beforeAll(async () => {
  app = await Workflows.start();
}, 20_000);

afterAll(async () => {
  await app.host.stop();
});

describe('20. External events', () => {
  test('wait for the code that will wait for them, in the order they came', async () => {
    const id = await app.start('threeLate');
    for (const word of ['first', 'second', 'third']) await app.raise(id, 'word', word);
    await app.host.advance('PT1M');
    expect((await app.status(id)).output).toEqual(['first', 'second', 'third']);
  });

  test('that come one by one are taken in the order they came', async () => {
    const id = await app.start('twoEvents');
    await app.raise(id, 'word', 'first');
    await app.raise(id, 'word', 'second');
    expect((await app.status(id)).output).toEqual(['first', 'second']);
  });

  test('go to the youngest of several waits for one name first', async () => {
    const id = await app.start('waitTogether');
    await app.raise(id, 'word', 'first');
    await app.raise(id, 'word', 'second');
    expect((await app.status(id)).output).toEqual(['second', 'first']);
  });

  test('that came before several waits for one name go to the oldest of them first', async () => {
    const id = await app.start('waitTogether', { late: true });
    await app.raise(id, 'word', 'first');
    await app.raise(id, 'word', 'second');
    await app.host.advance('PT1M');
    expect((await app.status(id)).output).toEqual(['first', 'second']);
  });

  test('with a name in other letters are not taken', async () => {
    const id = await app.start('waiter');
    await app.raise(id, 'WORD', 'x');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
  });

  test.each([
    [null, 'null'],
    [0, '0'],
    ['', '""'],
    [{ a: [1] }, '{"a":[1]}'],
  ])('with the data %j bring it', async (data, seen) => {
    const id = await app.start('eventType');
    expect((await app.client('raise', { id, event: 'word', data })).error).toBeUndefined();
    await app.host.idle();
    expect((await app.status(id)).output).toBe(seen);
  });
});

describe('21. raiseEvent', () => {
  test('to nobody is refused with 404, to the finished passes silently with 410', async () => {
    expect((await app.raise('nobody', 'word', 1)).error).toContain("No instance with ID 'nobody' found.");
    expect((await app.api('POST', 'instances/nobody/raiseEvent/word', 1)).status).toBe(404);
    await app.start('steps', 0, 'over');
    expect((await app.raise('over', 'word', 1)).error).toBeUndefined();
    expect((await app.api('POST', 'instances/over/raiseEvent/word', 1)).status).toBe(410);
  });

  test('is refused with 400 when it brings no JSON', async () => {
    await app.start('waiter', undefined, 'json-only');
    const path = 'instances/json-only/raiseEvent/word';
    const asText = await app.api('POST', path, 'x', { 'content-type': 'text/plain' });
    expect(asText.status).toBe(400);
    const link = (await app.client('links', { id: 'json-only' })).result as { sendEventPostUri: string };
    const headers = { 'content-type': 'application/json' };
    const address = link.sendEventPostUri.replace('{eventName}', 'word');
    expect((await fetch(address, { method: 'POST', headers, body: '{' })).status).toBe(400);
    expect((await app.status('json-only')).runtimeStatus).toBe('Running');
  });

  test('to a suspended instance is kept for later', async () => {
    await app.start('twoEvents', undefined, 'kept-events');
    await app.client('suspend', { id: 'kept-events', reason: 'x' });
    for (const word of ['first', 'second']) await app.raise('kept-events', 'word', word);
    expect((await app.status('kept-events')).runtimeStatus).toBe('Suspended');
    await app.client('resume', { id: 'kept-events', reason: 'x' });
    await app.host.idle();
    expect((await app.status('kept-events')).output).toEqual(['first', 'second']);
  });
});

describe('22. Continue-as-new', () => {
  test('goes through a thousand generations', async () => {
    const { output, runtimeStatus } = await app.run('countUp', { to: 1000 });
    expect({ output, runtimeStatus }).toEqual({ output: 1000, runtimeStatus: 'Completed' });
  });

  test('keeps the id, clears the custom status, and sends what came before it and nothing after', async () => {
    const { output, instanceId, customStatus } = await app.run('generations');
    const seen = output as Record<string, unknown>[];
    expect(seen.map(({ instanceId: id }) => id)).toEqual([instanceId, instanceId, instanceId]);
    expect(customStatus).toBeNull();
    expect(await app.state('list', `generations-${instanceId}`)).toEqual([1, 2]);
  });

  test('keeps the custom status for the first episode of the new generation', async () => {
    const { customStatus, runtimeStatus } = await app.run('statusAnew');
    expect({ customStatus, runtimeStatus }).toEqual({
      customStatus: 'from the first',
      runtimeStatus: 'Running',
    });
  });

  test('carries over, in order, the events that came with the one it acted on', async () => {
    const id = await app.start('collect', { wanted: 5 });
    await app.client('suspend', { id, reason: 'so that they come together' });
    for (let data = 0; data < 5; data += 1) await app.raise(id, 'item', data);
    await app.client('resume', { id, reason: 'x' });
    await app.host.idle();
    expect((await app.status(id)).output).toEqual([0, 1, 2, 3, 4]);
  });

  test('loses no event of a crowd', async () => {
    const id = await app.start('collect', { wanted: 20 });
    const items = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(items.map((data) => app.client('raise', { id, event: 'item', data })));
    await app.host.idle();
    const output = (await app.status(id)).output as number[];
    expect(output.toSorted((a, b) => a - b)).toEqual(items);
  });

  test('waits for a timer that is still open', async () => {
    const id = await app.start('anewWithOpenTimer', 1);
    await app.raise(id, 'go');
    expect((await app.status(id)).runtimeStatus).toBe('Running');
    await app.host.advance('PT30M');
    expect((await app.status(id)).runtimeStatus).toBe('Completed');
  });
});
