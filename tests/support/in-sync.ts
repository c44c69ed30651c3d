/** What everybody who is served can rely on, seen at both vendors. */
import { expect } from '@jest/globals';
import type { Customer, StackProcess } from '../../local/stack/stack-process.ts';

/** A call of the person's on either side shows on the other, and so does its end. */
export async function expectInSync(
  stack: StackProcess,
  { userId, extensionId }: Pick<Customer['users'][number], 'userId' | 'extensionId'>,
): Promise<void> {
  await stack.setTeams(userId, 'Busy', 'InACall');
  await stack.idle();
  expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  await stack.setTeams(userId, 'Available', 'Available');
  await stack.idle();
  expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Available' });
  await stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
  await stack.idle();
  expect(await stack.teams(userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
  await stack.setRingCentral(extensionId, { telephonyStatus: 'NoCall' });
  await stack.idle();
  expect(await stack.teams(userId)).toMatchObject({ availability: 'Available' });
}
