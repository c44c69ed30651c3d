/** `npm start`: the whole product on this machine, on the real clock, with a sample customer. Keeps its data in .local/start. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stopOnSignal } from '../host/ending.ts';
import { formatLogEntry, isAtLeast } from '../host/log.ts';
import { createCustomer, type Customer } from './customers.ts';
import { projectDir } from './project.ts';
import { runStack, type RunningStack } from './run-stack.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '7071' },
    'control-port': { type: 'string', default: '7070' },
    data: { type: 'string', default: join(projectDir(), '.local', 'start') },
  },
});

const stack = await runStack({
  port: Number(values.port),
  controlPort: Number(values['control-port']),
  clock: 'real',
  dataDir: values.data,
  rich: true,
  log: (entry) => {
    if (isAtLeast(entry.level, 'warning')) console.error(formatLogEntry(entry));
  },
});
stopOnSignal(() => stack.close());
introduce(stack, await sampleCustomer(stack));

/** The same three people at every start. */
async function sampleCustomer(running: RunningStack): Promise<Customer> {
  const file = join(values.data, 'vendors', 'sample-customer.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Customer;
  const customer = await createCustomer(running, { users: 3, onboard: true, newCallHandling: false });
  for (const { userId } of customer.users) {
    running.vendors.teams.setPersonPresence(userId, { availability: 'Available', activity: 'Available' });
  }
  writeFileSync(file, JSON.stringify(customer));
  return customer;
}

function introduce({ app, control, vendors }: RunningStack, { users }: Customer): void {
  const [first] = users;
  if (first === undefined) throw new Error('The sample customer has no people.');
  const people = users.map(
    ({ displayName, userId, extensionId }) =>
      `  ${displayName.padEnd(20)} Teams ${userId}  RingCentral ${extensionId}`,
  );
  const urls = Object.entries(vendors.urls).map(([name, url]) => `  ${name.padEnd(12)} ${url}`);
  console.log(`
Presence Hub is running.

  app          ${app}
  control      ${control}
${urls.join('\n')}

The sample customer's people, in sync:
${people.join('\n')}

Try it from another terminal: ${first.displayName} takes a call in Teams, and RingCentral shows Busy within a second.

  curl -s -X POST ${control}/teams/${first.userId}/presence -H 'content-type: application/json' -d '{"availability":"Busy","activity":"InACall"}'
  curl -s ${control}/ringcentral/${first.extensionId}/presence

The call is over:

  curl -s -X POST ${control}/teams/${first.userId}/presence -H 'content-type: application/json' -d '{"availability":"Available","activity":"Available"}'

The other way round, a phone call in RingCentral shows in Teams:

  curl -s -X POST ${control}/ringcentral/${first.extensionId}/presence -H 'content-type: application/json' -d '{"telephonyStatus":"CallConnected"}'
  curl -s ${control}/teams/${first.userId}/presence

Ctrl+C stops it.`);
}
