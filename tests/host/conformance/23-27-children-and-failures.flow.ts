/** Items 23 to 26: sub-orchestrations, and how orchestrations and activities fail. More of 25, and 27, in strict and lenient.flow.ts. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workflows } from '../workflow-driver.ts';

let app: Workflows;

beforeAll(async () => {
  app = await Workflows.start();
}, 20_000);

afterAll(async () => {
  await app.host.stop();
});

describe('23. A sub-orchestration', () => {
  test('runs under an id made from its parent’s execution, and knows its parent', async () => {
    const { output, instanceId } = await app.run('parent', { child: 'child', input: { a: 1 } });
    expect(output).toMatchObject({ said: { a: 1 }, parent: instanceId });
    expect((output as { id: string }).id).toMatch(/^[0-9a-f]{32}:0$/);
  });

  test('runs under the id it is given', async () => {
    const { output } = await app.run('parent', { child: 'child', input: 'x', id: 'my-child' });
    expect(output).toMatchObject({ id: 'my-child' });
    expect(await app.status('my-child')).toMatchObject({ runtimeStatus: 'Completed', input: 'x' });
  });

  test('passes its failure on, and stands as failed itself', async () => {
    const { output } = await app.run('parent', { child: 'failing', id: 'failed-child' });
    expect((output as { caught: string }).caught).toMatch(
      /^Orchestrator function 'failing' failed: it broke \n /,
    );
    expect(await app.status('failed-child')).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'failing' failed: it broke",
    });
  });

  test('that is terminated fails in a way its parent can catch', async () => {
    const id = await app.start('parent', { child: 'waiter', id: 'to-terminate' });
    await app.client('terminate', { id: 'to-terminate', reason: 'enough' });
    await app.host.idle();
    expect((await app.status(id)).output).toEqual({ caught: 'enough \n ' });
  });

  test('may continue as new and still answer its parent', async () => {
    expect((await app.run('parent', { child: 'countUp', input: { to: 3 } })).output).toBe(3);
    const { output, instanceId } = await app.run('parent', { child: 'generations' });
    expect((output as { parentInstanceId: string }[]).map((one) => one.parentInstanceId)).toEqual(
      [1, 2, 3].map(() => instanceId),
    );
  });

  test('that was purged is no concern of its parent’s', async () => {
    await app.run('parent', { child: 'child', input: 'x', id: 'purged-child' }, 'left-parent');
    await app.client('purge', { id: 'purged-child' });
    expect((await app.status('left-parent')).runtimeStatus).toBe('Completed');
  });
});

describe('24. A failing orchestrator', () => {
  test('ends its instance with the message, and keeps the last custom status', async () => {
    expect(await app.run('failing')).toMatchObject({
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'failing' failed: it broke",
      customStatus: { step: 2 },
    });
  });

  test('has still sent what it sent before', async () => {
    const { runtimeStatus } = await app.run('failsAfterSignal', undefined, 'signals-then-fails');
    expect(runtimeStatus).toBe('Failed');
    expect(await app.state('list', 'signals-then-fails')).toEqual(['sent']);
  });
});

describe('25. What is no ordinary exception', () => {
  test.each([
    ['yieldNonsense', 'programming constraint violation'],
    ['asyncHandler', 'generator'],
  ])('is seen as a failure: %s', async (name, text) => {
    const { runtimeStatus, output } = await app.run(name);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain(text);
  });
});

describe('26. A failing activity', () => {
  test('has the extension’s wording: two spaces before the message, the .NET exception after it', async () => {
    const { runtimeStatus, output } = await app.run('activityFails');
    expect(runtimeStatus).toBe('Failed');
    const start = "Orchestrator function 'activityFails' failed: Activity function 'fail' failed:  boom \n ";
    expect(String(output).slice(0, start.length)).toBe(start);
    expect(JSON.parse(String(output).slice(start.length))).toMatchObject({
      ClassName: 'System.Exception',
      Message: ' boom',
      InnerException: {
        Message: expect.stringMatching(/^Result: Failure\nException: boom\nStack: Error: boom/),
      },
    });
  });

  test('carries failure details when the app provides exception properties, and else none', async () => {
    const typed = (await app.run('typedFailure')).output as Record<string, unknown>;
    expect(typed).toMatchObject({
      name: 'TaskFailedError',
      message: 'CardDeclinedError: no funds',
      details: {
        errorType: 'CardDeclinedError',
        errorMessage: 'no funds',
        stackTrace: expect.stringContaining('no funds'),
        isNonRetriable: false,
        properties: { code: 'insufficient' },
      },
    });
    const plain = (await app.run('typedFailure', 'plain')).output as Record<string, unknown>;
    expect(plain).toMatchObject({ name: 'Error', details: null });
  });

  test('below a sub-orchestration brings its failure details up to the parent', async () => {
    const { output } = await app.run('declinedParent', 'typed');
    expect(output).toMatchObject({
      kind: 'TaskFailedError',
      message: 'CardDeclinedError: no funds',
      taskName: 'declined',
      taskId: 1,
      failureDetails: { errorType: 'CardDeclinedError', properties: { code: 'insufficient' } },
      isCausedBy: { right: true, wrong: false },
    });
  });

  test('below a sub-orchestration, without details, is an ordinary error at the parent', async () => {
    const { output } = await app.run('declinedParent', 'plain');
    expect(output).toMatchObject({
      kind: 'Error',
      message: expect.stringMatching(
        /^Orchestrator function 'declined' failed: Activity function 'decline' failed: {2}plain \n \{/,
      ),
    });
    expect(output).not.toHaveProperty('taskName');
  });
});
