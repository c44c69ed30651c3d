/** A company where nothing happens stays connected: refresh tokens are renewed long before their end. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StackProcess, type Customer } from '../../local/stack/stack-process.ts';
import { isThorough } from '../support/thorough.ts';

/** RingCentral's refresh tokens live for seven days, which all are asked for. */
const days = isThorough ? 10 : 3;
const hourMs = 3_600_000;

let stack: StackProcess;
let customer: Customer;
let begun: string;
beforeEach(async () => {
  stack = await StackProcess.start({ clock: 'virtual' });
  begun = await stack.now();
  customer = await stack.customer({ users: 1 });
});
afterEach(() => stack.stop());

/** The longest time that a vendor's refresh token lay unused, up to now, in hours. */
async function longestRest(vendor: 'ringCentral' | 'entra'): Promise<number> {
  const refreshes = (await stack.journal(vendor)).filter(
    ({ path, status, body }) =>
      path.endsWith('/token') && status === 200 && JSON.stringify(body).includes('"refresh_token"'),
  );
  const times = [begun, ...refreshes.map(({ at }) => at), await stack.now()].map((at) => Date.parse(at));
  const rests = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return Math.max(...rests) / hourMs;
}

test('an idle company keeps both its connections for days, and no RingCentral token rests for a day', async () => {
  const [person] = customer.users;
  await stack.advance(`PT${days * 24}H`);
  expect(await longestRest('ringCentral')).toBeLessThan(24);
  expect(await longestRest('entra')).toBeLessThan(24);
  await stack.setTeams(person?.userId ?? '', 'Busy', 'InACall');
  await stack.idle();
  expect(await stack.ringCentral(person?.extensionId ?? '')).toMatchObject({ presenceStatus: 'Busy' });
  await stack.setTeams(person?.userId ?? '', 'Available', 'Available');
  await stack.setRingCentral(person?.extensionId ?? '', { telephonyStatus: 'CallConnected' });
  await stack.idle();
  expect(await stack.teams(person?.userId ?? '')).toMatchObject({ availability: 'Busy' });
}, 300_000);
