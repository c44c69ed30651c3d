/** What may happen to a company on the running stack, as commands that fast-check strings together. */
import { expect } from '@jest/globals';
import * as fc from 'fast-check';
import type { Customer } from '../../local/stack/stack-process.ts';
import { person, type StackWithData } from '../support/stack-with-data.ts';
import { available, expected, personOf, told, type Model, type Pair } from './model.ts';

/** The company under test on its stack. */
export interface Real {
  readonly world: StackWithData;
  readonly customer: Customer;
}

type Command = fc.AsyncCommand<Model, Real>;

/** A command that prints by its name. */
function command(
  name: string,
  run: (model: Model, real: Real) => Promise<void>,
  check: (model: Model) => boolean = () => true,
): Command {
  return { check, run, toString: () => name };
}

// ---- what people do ----

const pairs: Record<string, Pair> = {
  call: { availability: 'Busy', activity: 'InACall' },
  meeting: { availability: 'Busy', activity: 'InAMeeting' },
  presenting: { availability: 'DoNotDisturb', activity: 'Presenting' },
  nothing: available,
};
/** These are picked by hand. */
const picks: Record<string, Pair> = {
  'do-not-disturb': { availability: 'DoNotDisturb', activity: 'DoNotDisturb' },
  busy: { availability: 'Busy', activity: 'Busy' },
};

async function inTeams(model: Model, { world, customer }: Real, n: number, pair: Pair): Promise<void> {
  const own = personOf(model, n);
  if (Object.values(picks).includes(pair)) own.preferred = pair;
  else {
    // Available takes back what was picked; a client that reports a call or a meeting does not.
    if (pair === available) own.preferred = undefined;
    own.client = pair;
  }
  await world.stack.setTeams(person(customer, n).userId, pair.availability, pair.activity);
}

async function inRingCentral(
  model: Model,
  { world, customer }: Real,
  n: number,
  change: Partial<Model['people'][number]['ringCentral']>,
): Promise<void> {
  Object.assign(personOf(model, n).ringCentral, change);
  await world.stack.setRingCentral(person(customer, n).extensionId, change);
}

const someone = fc.nat(1);

const deeds: fc.Arbitrary<Command>[] = [
  fc
    .tuple(someone, fc.constantFrom(...Object.entries({ ...pairs, ...picks })))
    .map(([n, [name, pair]]) =>
      command(`${n} in Teams: ${name}`, (model, real) => inTeams(model, real, n, pair)),
    ),
  fc
    .tuple(someone, fc.constantFrom('CallConnected', 'NoCall', 'Ringing', 'OnHold'))
    .map(([n, telephonyStatus]) =>
      command(`${n} on the phone: ${telephonyStatus}`, (model, real) =>
        inRingCentral(model, real, n, { telephonyStatus }),
      ),
    ),
  // Both sides change before anybody has heard of either.
  fc
    .tuple(someone, fc.constantFrom('call', 'nothing'), fc.constantFrom('CallConnected', 'NoCall'))
    .map(([n, name, telephonyStatus]) =>
      command(`${n} at once in Teams: ${name}, on the phone: ${telephonyStatus}`, async (model, real) => {
        await Promise.all([
          inTeams(model, real, n, pairs[name] ?? available),
          inRingCentral(model, real, n, { telephonyStatus }),
        ]);
      }),
    ),
  // What they choose in RingCentral themselves, while nothing of ours is there or on its way: it is theirs beyond doubt.
  fc
    .tuple(
      someone,
      fc.constantFrom(
        { userStatus: 'Offline' },
        { userStatus: 'Available' },
        { dndStatus: 'DoNotAcceptDepartmentCalls' },
        { dndStatus: 'DoNotAcceptAnyCalls' },
        { dndStatus: 'TakeAllCalls' },
      ),
    )
    .map(([n, choice]) =>
      command(`${n} chooses ${Object.values(choice).join()}`, async (model, real) => {
        await inTeams(model, real, n, available);
        await agree(model, real);
        await inRingCentral(model, real, n, choice);
        await agree(model, real);
      }),
    ),
];

// ---- what goes wrong ----

const vendor = fc.constantFrom('graph', 'ringCentral');
const faults: fc.Arbitrary<Command>[] = [
  fc
    .record({
      vendor,
      fault: fc.constantFrom(
        { kind: 'drop', count: 1 },
        { kind: 'double', count: 2 },
        { kind: 'late', count: 1, delaySeconds: 90 },
        { kind: 'reorder', count: 1 },
        { kind: 'throttle', count: 1, retryAfterSeconds: 30, match: '/presence' },
        { kind: 'status', count: 3, status: 503, match: '/presence' },
        { kind: 'dropResponse', count: 1, match: '/presence' },
        { kind: 'timeout', count: 1, match: '/presence' },
      ),
    })
    .map(({ vendor: at, fault }) =>
      command(`${at}: ${fault.kind}`, async (_model, { world }) => {
        await world.stack.fault({ vendor: at, ...fault });
      }),
    ),
  fc.constant(
    command(
      'power cut',
      async (model, { world }) => {
        model.patience -= 1;
        await world.powerCut();
      },
      ({ patience }) => patience > 0,
    ),
  ),
];

// ---- what the marketplace and time do ----

const others: fc.Arbitrary<Command>[] = [
  fc.constantFrom('PT1S', 'PT1M', 'PT30M', 'PT5H').map((by) =>
    command(`${by} later`, async (_model, { world }) => {
      await world.stack.advance(by);
    }),
  ),
  fc.constant(
    command(
      'not paid for',
      async (model, real) => {
        model.patience -= 1;
        model.suspended = true;
        await real.world.stack.delete('/faults');
        await marketplace(real, 'suspend');
        await agree(model, real);
      },
      ({ suspended, patience }) => !suspended && patience > 0,
    ),
  ),
  fc.constant(
    command(
      'paid again',
      async (model, real) => {
        model.suspended = false;
        await marketplace(real, 'reinstate');
        await agree(model, real);
      },
      ({ suspended }) => suspended,
    ),
  ),
  fc.constant(command('all agree', agree)),
];

/** Any row of things that may happen, which ends with everybody agreeing. */
export const histories = fc.commands(
  [
    ...deeds.flatMap((deed, index) => (index < 2 ? [deed, deed, deed] : [deed])),
    ...faults.flatMap((fault, index) => (index === 0 ? [fault, fault] : [fault])),
    ...others,
  ],
  { maxCommands: 16, size: 'max' },
);

async function marketplace({ world, customer }: Real, action: string): Promise<void> {
  await world.stack.post(`/marketplace/${customer.subscriptionId}/${action}`, {});
  await world.stack.advance('PT20M');
}

// ---- what must hold ----

/**
 * Faults end, and everything comes to rest; presence is read anew, as it is each night. Then both sides show what the people
 * do, what is theirs stands, and reading once more makes no difference. Who is suspended is neither asked about nor written.
 */
export async function agree(model: Model, real: Real): Promise<void> {
  const { world } = real;
  await world.stack.delete('/faults');
  await world.stack.advance('PT10M');
  const quiet = await presenceCalls(real);
  for (let round = 0; round < 2; round++) await readAnew(real);
  await expectShown(model, real);
  const rested = await presenceCalls(real);
  await readAnew(real);
  const after = await presenceCalls(real);
  expect(after.writes).toBe(rested.writes);
  if (model.suspended) expect(after).toEqual(quiet);
}

async function readAnew({ world, customer }: Real): Promise<void> {
  const { subscriptionId: tenantId } = customer;
  await world.operator(`orchestrators/tendTenant/tending:${tenantId}`, { tenantId });
  await world.stack.advance('PT3M');
}

async function expectShown(model: Model, { world, customer }: Real): Promise<void> {
  for (const [n, own] of model.people.entries()) {
    const { userId, extensionId } = person(customer, n);
    const { shown, holds } = expected(own, model);
    const teams = await world.stack.teams(userId);
    const ringCentral = await world.stack.ringCentral(extensionId);
    expect({ n, ...told({ teams, ringCentral }, { holds }) }).toEqual({ n, ...shown });
  }
}

async function presenceCalls({ world, customer }: Real): Promise<{ writes: number; reads: number }> {
  const ids = customer.users.flatMap(({ userId, extensionId }) => [userId, `/${extensionId}/`]);
  const journal = await world.stack.journal();
  const ours = journal.filter(
    ({ path, body }) =>
      /presence/i.test(path) && ids.some((id) => `${path} ${JSON.stringify(body)}`.includes(id)),
  );
  const writes = ours.filter(({ method, path }) => method === 'PUT' || /\/(set|clear)Presence/.test(path));
  return { writes: writes.length, reads: ours.length - writes.length };
}
