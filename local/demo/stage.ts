/** What the demo plays on, and how it sees what the vendors show. */
import type { Customer, StackProcess } from '../stack/stack-process.ts';
import type { ResidueWatch } from './residue-watch.ts';

export interface Stage {
  stack: StackProcess;
  /** Starts the stack again on the same data, at the same port. */
  start: (port: number) => Promise<StackProcess>;
  customer: Customer | undefined;
  residue: ResidueWatch;
  /** What stacks that have ended had logged. */
  endedLogs: string[];
  /** When what is erased, once the customer has cancelled. */
  due?: ReadonlyMap<string, string>;
}

export interface Scene {
  name: string;
  title: string;
  /** Answers what was not seen, or undefined when all was. */
  play: (stage: Stage) => Promise<string | undefined>;
  /** What makes the scene fail; unless given, its notifications are lost. */
  spoil?: (stage: Stage) => void | Promise<void>;
}

export function person(stage: Stage, index: number): Customer['users'][number] {
  const found = stage.customer?.users[index];
  if (found === undefined) throw new Error(`There is no person ${index + 1}.`);
  return found;
}

export async function teamsShows(
  stage: Stage,
  index: number,
  availability: string,
  activity: string,
): Promise<string | undefined> {
  await stage.stack.idle();
  const shown = await stage.stack.teams(person(stage, index).userId);
  if (shown.availability === availability && shown.activity === activity) return undefined;
  return `Teams shows ${shown.availability}/${shown.activity} in place of ${availability}/${activity}`;
}

export async function ringCentralShows(
  stage: Stage,
  index: number,
  status: string,
): Promise<string | undefined> {
  await stage.stack.idle();
  const shown = await stage.stack.ringCentral(person(stage, index).extensionId);
  return shown.presenceStatus === status
    ? undefined
    : `RingCentral shows ${shown.presenceStatus} in place of ${status}`;
}

/** How many requests of this method about webhook subscriptions succeeded at each vendor. */
export async function subscriptionsMade(
  stack: StackProcess,
  method: string,
): Promise<{ graph: number; ringCentral: number }> {
  const journal = await stack.journal();
  const count = (vendor: string): number =>
    journal.filter(
      (entry) =>
        entry.vendor === vendor &&
        entry.method === method &&
        entry.path.includes('/subscription') &&
        entry.status < 300,
    ).length;
  return { graph: count('graph'), ringCentral: count('ringCentral') };
}
