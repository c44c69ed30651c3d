import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { StackProcess } from '../../local/stack/stack-process.ts';
import { callsDuring } from '../../local/stack/presence-calls.ts';

let stack: StackProcess;

beforeAll(async () => {
  stack = await StackProcess.start({ clock: 'virtual', args: ['--notifications', 'basic'] });
}, 60_000);
afterAll(() => stack.stop());

test('without a certificate, a change in Teams costs one read and still shows in RingCentral', async () => {
  const { users } = await stack.customer({ users: 2 });
  const [person] = users;
  if (person === undefined) throw new Error('The customer has no people.');
  const calls = await callsDuring(stack, () => stack.setTeams(person.userId, 'Busy', 'InACall'));
  expect(await stack.ringCentral(person.extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  expect(calls.graph.reads).toBe(1);
  expect(calls.ringCentral).toEqual({ writes: 1, reads: 0 });
});
