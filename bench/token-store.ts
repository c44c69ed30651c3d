/** What the token store costs in calls to Key Vault, and whether it loses or uses twice a token when everything fails. */
import { StackProcess } from '../local/stack/stack-process.ts';
import { refreshUnderFaults } from './two-workers.ts';

const refreshes = 1000;
const hours = 2;
/** Just below the 40 writes a minute that RingCentral allows. */
const teamsChanges = 38;
const ringCentralChanges = 12;

/** Two workers refresh one connection a thousand times under faults. */
export async function benchRefreshesUnderFaults(): Promise<void> {
  const seed = Date.now() % 100_000;
  console.log(`\nTwo workers, one RingCentral connection, faults by seed ${seed}`);
  const outcome = await refreshUnderFaults(refreshes, seed);
  const { doubleUses, faults, lost, repairs, stuck } = outcome;
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  console.log(`  ${outcome.refreshes} refreshes, ${total} faults:`);
  for (const [name, count] of Object.entries(faults).sort(([one], [other]) => one.localeCompare(other))) {
    console.log(`    ${String(count).padStart(4)}  ${name}`);
  }
  console.log(`  ${repairs} answers repaired by asking again`);
  console.log(`  ${lost} tokens lost, ${doubleUses} used twice, ${stuck} calls given up (goal: 0, 0, 0)`);
}

/** Calls to Key Vault per call to the vendors, while a customer is as busy as RingCentral allows, and while it is idle. */
export async function benchVaultCalls(): Promise<void> {
  const stack = await StackProcess.start({ clock: 'virtual' });
  try {
    const { users } = await stack.customer({ users: teamsChanges + ringCentralChanges });
    const busy = await callsDuring(stack, async () => {
      for (let minute = 0; minute < hours * 60; minute += 1) {
        await everybodyChanges(stack, users, minute % 2 === 0);
        await stack.advance('PT1M');
      }
    });
    const idle = await callsDuring(stack, () => stack.advance('PT24H'));
    console.log('\nKey Vault calls per vendor call');
    console.log(
      `  ${line(busy)}: ${hours} h at ${teamsChanges + ringCentralChanges} changes a minute (goal: under 0.02)`,
    );
    console.log(`  ${line(idle)}: 24 h without any change`);
  } finally {
    await stack.stop();
  }
}

async function everybodyChanges(
  stack: StackProcess,
  users: readonly { userId: string; extensionId: string }[],
  toBusy: boolean,
): Promise<void> {
  const [availability, activity] = toBusy ? ['Busy', 'InACall'] : ['Available', 'Available'];
  const telephonyStatus = toBusy ? 'CallConnected' : 'NoCall';
  await Promise.all(
    users.map(({ userId, extensionId }, index) =>
      index < teamsChanges
        ? stack.setTeams(userId, availability ?? '', activity ?? '')
        : stack.setRingCentral(extensionId, { telephonyStatus }),
    ),
  );
  await stack.idle();
}

interface Calls {
  vault: number;
  vendors: number;
}

async function callsDuring(stack: StackProcess, act: () => Promise<void>): Promise<Calls> {
  const before = await callsSoFar(stack);
  await act();
  const after = await callsSoFar(stack);
  return { vault: after.vault - before.vault, vendors: after.vendors - before.vendors };
}

async function callsSoFar(stack: StackProcess): Promise<Calls> {
  const [vault, graph, ringCentral] = await Promise.all(
    ['keyVault', 'graph', 'ringCentral'].map(async (vendor) => (await stack.journal(vendor)).length),
  );
  return { vault: vault ?? 0, vendors: (graph ?? 0) + (ringCentral ?? 0) };
}

function line({ vault, vendors }: Calls): string {
  return `${(vault / vendors).toFixed(4)} (${vault} per ${vendors})`;
}
