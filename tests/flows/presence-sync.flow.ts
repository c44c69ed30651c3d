import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { StackProcess, type Customer } from '../../local/stack/stack-process.ts';
import { callsDuring, none, oneWrite } from '../../local/stack/presence-calls.ts';

/** The whole product on the local host, with the vendors' own notifications, on the virtual clock. */
let stack: StackProcess;
let customer: Customer;
let next = 0;

beforeAll(async () => {
  stack = await StackProcess.start({ clock: 'virtual' });
  customer = await stack.customer({ users: 20 });
}, 60_000);
afterAll(() => stack.stop());

/** Somebody nothing has happened to yet, available on both sides; RingCentral's minute of 40 writes begins anew. */
async function somebody(): Promise<Customer['users'][number]> {
  const person = customer.users[next++];
  if (person === undefined) throw new Error('The customer needs more people.');
  await stack.advance('PT1M');
  await stack.setTeams(person.userId, 'Available', 'Available');
  await stack.idle();
  return person;
}

describe('from Teams to RingCentral', () => {
  test('a call in Teams makes RingCentral busy with one write and no read, and its end restores it with one more', async () => {
    const { userId, extensionId } = await somebody();
    const start = await callsDuring(stack, () => stack.setTeams(userId, 'Busy', 'InACall'));
    expect(await stack.ringCentral(extensionId)).toMatchObject({
      userStatus: 'Busy',
      presenceStatus: 'Busy',
    });
    expect(start).toEqual({ graph: none, ringCentral: oneWrite });

    const end = await callsDuring(stack, () => stack.setTeams(userId, 'Available', 'Available'));
    expect(await stack.ringCentral(extensionId)).toMatchObject({
      userStatus: 'Available',
      presenceStatus: 'Available',
    });
    expect(end).toEqual({ graph: none, ringCentral: oneWrite });
  });

  test('presenting in Teams blocks calls in RingCentral, and afterwards the queue opt-out stands as before', async () => {
    const { userId, extensionId } = await somebody();
    await stack.setRingCentral(extensionId, { dndStatus: 'DoNotAcceptDepartmentCalls' });
    await stack.setTeams(userId, 'DoNotDisturb', 'Presenting');
    await stack.idle();
    expect(await stack.ringCentral(extensionId)).toMatchObject({ dndStatus: 'DoNotAcceptAnyCalls' });
    await stack.setTeams(userId, 'Available', 'Available');
    await stack.idle();
    expect(await stack.ringCentral(extensionId)).toMatchObject({ dndStatus: 'DoNotAcceptDepartmentCalls' });
  });

  test('a change that asks for nothing new is not written', async () => {
    const { userId, extensionId } = await somebody();
    await stack.setTeams(userId, 'Busy', 'InACall');
    await stack.idle();
    const toMeeting = await callsDuring(stack, () => stack.setTeams(userId, 'Busy', 'InAMeeting'));
    expect(toMeeting).toEqual({ graph: none, ringCentral: none });
    expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  });

  test('a person who made themselves invisible in RingCentral stays invisible', async () => {
    const { userId, extensionId } = await somebody();
    await stack.setRingCentral(extensionId, { userStatus: 'Offline' });
    await stack.idle();
    const calls = await callsDuring(stack, () => stack.setTeams(userId, 'Busy', 'InACall'));
    expect(calls).toEqual({ graph: none, ringCentral: none });
    expect(await stack.ringCentral(extensionId)).toMatchObject({ userStatus: 'Offline' });
  });

  test('a value nobody knows releases what we held, and sets nothing', async () => {
    const { userId, extensionId } = await somebody();
    await stack.setTeams(userId, 'Busy', 'InACall');
    await stack.idle();
    await stack.setTeams(userId, 'HolographicallyPresent', 'Teleporting');
    await stack.idle();
    expect(await stack.ringCentral(extensionId)).toMatchObject({ userStatus: 'Available' });
  });
});

describe('from RingCentral to Teams', () => {
  test('a phone call shows in Teams with one write and no read, and hanging up clears it with one more', async () => {
    const { userId, extensionId } = await somebody();
    const start = await callsDuring(stack, () =>
      stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' }),
    );
    expect(await stack.teams(userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
    expect(start).toEqual({ graph: oneWrite, ringCentral: none });

    const end = await callsDuring(stack, () =>
      stack.setRingCentral(extensionId, { telephonyStatus: 'NoCall' }),
    );
    expect(await stack.teams(userId)).toMatchObject({ availability: 'Available', activity: 'Available' });
    expect(end).toEqual({ graph: oneWrite, ringCentral: none });
  });

  test('a phone that rings is not a call', async () => {
    const { userId, extensionId } = await somebody();
    const calls = await callsDuring(stack, () =>
      stack.setRingCentral(extensionId, { telephonyStatus: 'Ringing' }),
    );
    expect(calls.graph).toEqual(none);
    expect(await stack.teams(userId)).toMatchObject({ availability: 'Available' });
  });

  test('blocking all calls shows as do not disturb', async () => {
    const { userId, extensionId } = await somebody();
    await stack.setRingCentral(extensionId, { dndStatus: 'DoNotAcceptAnyCalls' });
    await stack.idle();
    expect(await stack.teams(userId)).toMatchObject({ availability: 'DoNotDisturb', activity: 'Presenting' });
    await stack.setRingCentral(extensionId, { dndStatus: 'TakeAllCalls' });
    await stack.idle();
    expect(await stack.teams(userId)).toMatchObject({ availability: 'Available' });
  });

  test('what a person chose in Teams by hand is left alone by the end of a phone call', async () => {
    const { userId, extensionId } = await somebody();
    await stack.setTeams(userId, 'DoNotDisturb', 'DoNotDisturb');
    await stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
    await stack.idle();
    await stack.setRingCentral(extensionId, { telephonyStatus: 'NoCall' });
    await stack.idle();
    expect(await stack.teams(userId)).toMatchObject({
      availability: 'DoNotDisturb',
      activity: 'DoNotDisturb',
    });
  });

  test('a phone call longer than the four hours a Teams session lives still shows', async () => {
    const { userId, extensionId } = await somebody();
    await stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
    await stack.idle();
    await stack.advance('PT4H5M');
    expect(await stack.teams(userId)).toMatchObject({ availability: 'Busy', activity: 'InACall' });
    await stack.setRingCentral(extensionId, { telephonyStatus: 'NoCall' });
    await stack.idle();
  });
});

describe('both ways at once', () => {
  test('calls on both sides that overlap leave nobody busy once both are over', async () => {
    const { userId, extensionId } = await somebody();
    await stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
    await stack.setTeams(userId, 'Busy', 'InACall');
    await stack.idle();
    await stack.setRingCentral(extensionId, { telephonyStatus: 'NoCall' });
    await stack.idle();
    await stack.setTeams(userId, 'Available', 'Available');
    await stack.idle();
    expect(await stack.teams(userId)).toMatchObject({ availability: 'Available' });
    expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Available' });
  });

  test('a call in Teams that began beneath our Busy shows in RingCentral soon after the phone call, for one read', async () => {
    const { userId, extensionId } = await somebody();
    await stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
    await stack.idle();
    await stack.setTeams(userId, 'Busy', 'InACall');
    await stack.idle();
    const calls = await callsDuring(stack, async () => {
      await stack.setRingCentral(extensionId, { telephonyStatus: 'NoCall' });
      await stack.advance('PT30S');
    });
    expect(calls).toEqual({ graph: { writes: 1, reads: 1 }, ringCentral: oneWrite });
    expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
    await stack.setTeams(userId, 'Available', 'Available');
    await stack.idle();
    expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Available' });
  });

  test('the end of a phone call that Teams tells of is not looked for', async () => {
    const { extensionId } = await somebody();
    await stack.setRingCentral(extensionId, { telephonyStatus: 'CallConnected' });
    await stack.idle();
    const calls = await callsDuring(stack, async () => {
      await stack.setRingCentral(extensionId, { telephonyStatus: 'NoCall' });
      await stack.advance('PT2M');
    });
    expect(calls).toEqual({ graph: oneWrite, ringCentral: none });
  });

  test('notifications that come twice and late cost no further write', async () => {
    const { userId, extensionId } = await somebody();
    await stack.fault({ vendor: 'graph', kind: 'double' });
    await stack.fault({ vendor: 'ringCentral', kind: 'double' });
    const calls = await callsDuring(stack, async () => {
      await stack.setTeams(userId, 'Busy', 'InACall');
      await stack.idle();
      await stack.advance('PT2M');
    });
    await stack.delete('/faults');
    expect(calls.ringCentral.writes).toBe(1);
    expect(calls.graph.writes).toBe(0);
    expect(await stack.ringCentral(extensionId)).toMatchObject({ presenceStatus: 'Busy' });
  });

  test('people of another customer are not touched', async () => {
    const other = await stack.customer({ users: 1 });
    const { userId } = await somebody();
    await stack.setTeams(userId, 'Busy', 'InACall');
    await stack.idle();
    const [stranger] = other.users;
    expect(await stack.ringCentral(stranger?.extensionId ?? '')).toMatchObject({ userStatus: 'Available' });
  });
});

test('a company that was not onboarded is none of our business', async () => {
  const strangers = await stack.customer({ users: 1, onboard: false });
  const [stranger] = strangers.users;
  const calls = await callsDuring(stack, async () => {
    await stack.setTeams(stranger?.userId ?? '', 'Busy', 'InACall');
  });
  expect(calls).toEqual({ graph: none, ringCentral: none });
});
