/** The demo's scenes of a subscription's life: what is bought, changed, not paid for and cancelled, and what is forgotten when. */
import { z } from 'zod';
import { makeReceiptProof } from '../../clients/receipts.ts';
import { erasedCategories, type ErasedCategory } from '../../domain/data-map/words.ts';
import { brokenLink, receiptSchema } from '../../domain/erasure-receipt.ts';
import type { Scene, Stage } from './stage.ts';
import { person, subscriptionsMade, teamsShows } from './stage.ts';

const inCall = { telephonyStatus: 'CallConnected' };
const hungUp = { telephonyStatus: 'NoCall' };

/** After the first of these the customer's vendors are quiet, so losing notifications would show nothing: time is lost instead. */
const loseTheMarketplace = async ({ stack }: Stage): Promise<void> => {
  await stack.fault({ vendor: 'marketplace', kind: 'status', status: 503 });
  await stack.fault({ vendor: 'marketplace', kind: 'drop' });
};
/** The vault refuses, so that what is in it cannot be erased. */
const lockTheVault = ({ stack }: Stage): Promise<void> =>
  stack.fault({ vendor: 'keyVault', kind: 'status', status: 403 });
/** As if an erasure had not taken place. */
const keepARow =
  (table: string) =>
  (stage: Stage): void =>
    stage.residue.keep(table, tenantIdOf(stage));

export const lifeScenes: readonly Scene[] = [
  {
    name: 'more-seats',
    title: 'The company buys two more seats: accepted, and noted for billing',
    spoil: loseTheMarketplace,
    play: async (stage) => {
      await act(stage, 'change-quantity', { quantity: 5 });
      const { quantity } = await subscriptionOf(stage);
      return quantity === 5 ? undefined : `5 seats, but ${quantity}`;
    },
  },
  {
    name: 'suspended',
    title:
      'It does not pay: Busy, which we had set for a call, is taken back, and no subscription is left at either vendor',
    spoil: loseTheMarketplace,
    play: async (stage) => {
      await stage.stack.setRingCentral(person(stage, 1).extensionId, inCall);
      const busy = await teamsShows(stage, 1, 'Busy', 'InACall');
      if (busy !== undefined) return busy;
      await act(stage, 'suspend');
      const { state } = await subscriptionOf(stage);
      const removed = await subscriptionsMade(stage.stack, 'DELETE');
      if (state !== 'suspended') return `suspended, but ${state}`;
      if (removed.graph !== 1 || removed.ringCentral !== 1)
        return `one removed at each, but ${JSON.stringify(removed)}`;
      return teamsShows(stage, 1, 'Available', 'Available');
    },
  },
  {
    name: 'reinstated',
    title: 'Six days later it pays: all resumes without onboarding again, and a call shows',
    spoil: loseTheMarketplace,
    play: async (stage) => {
      await stage.stack.setRingCentral(person(stage, 1).extensionId, hungUp);
      await stage.stack.advance('P6D');
      await act(stage, 'reinstate');
      await stage.stack.advance('PT1M');
      await stage.stack.setRingCentral(person(stage, 1).extensionId, inCall);
      return teamsShows(stage, 1, 'Busy', 'InACall');
    },
  },
  {
    name: 'cancelled',
    title:
      'It cancels: presence is taken back, consents are given back, and a copy of all that is kept is offered',
    spoil: loseTheMarketplace,
    play: async (stage) => {
      await act(stage, 'unsubscribe');
      const shown = await teamsShows(stage, 1, 'Available', 'Available');
      if (shown !== undefined) return shown;
      const { state, deletions } = await subscriptionOf(stage);
      if (state !== 'cancelled') return `cancelled, but ${state}`;
      stage.due = new Map(deletions.map(({ category, dueAt }) => [category, dueAt]));
      await stage.stack.advance('PT2M');
      const { link } = z.object({ link: z.string() }).parse(await ask(stage, '/api/subscription/export'));
      const copy = await (await fetch(link)).text();
      return copy.includes(person(stage, 0).mail) ? undefined : 'the copy, with its people';
    },
  },
  {
    name: 'service-forgotten',
    title: '24 hours later service data is gone: people, presence, histories, tokens, logs and the copy',
    spoil: lockTheVault,
    play: async (stage) => {
      const late = await forgotten(stage, 'service');
      return late ?? stage.residue.left(idsOf(stage));
    },
  },
  {
    name: 'licence-forgotten',
    title: '30 days after the cancellation licence data is gone',
    spoil: keepARow('licences'),
    play: (stage) => forgotten(stage, 'licence'),
  },
  {
    name: 'billing-forgotten',
    title: '90 days after the cancellation billing data is gone, and with it the last trace of the company',
    spoil: keepARow('billing_events'),
    play: async (stage) => {
      const late = await forgotten(stage, 'billing');
      if (late !== undefined) return late;
      // The histories of the erasures themselves go with the hourly purge.
      await stage.stack.advance('PT3H');
      const { state } = await subscriptionOf(stage);
      if (state !== 'forgotten') return `forgotten, but ${state}`;
      return stage.residue.left([tenantIdOf(stage), ...peopleOf(stage)]);
    },
  },
  {
    name: 'receipts',
    title: 'The customer finds three receipts with its code, and anybody can check the chain they are in',
    spoil: (stage) => stage.residue.tamperWithReceipts(),
    play: async (stage) => {
      const list = z.object({ receipts: z.array(receiptSchema) });
      const own = list.parse(await ask(stage, '/api/subscription/receipts')).receipts;
      if (own.length !== 3) return `3 receipts, but ${own.length}`;
      const page = await fetch(`${stage.stack.app}/api/erasure-receipts`);
      const { publicKey, receipts } = list.extend({ publicKey: z.string() }).parse(await page.json());
      const broken = brokenLink(receipts, makeReceiptProof(publicKey));
      return broken === undefined ? undefined : `a chain, but link ${broken.link} is ${broken.fault}`;
    },
  },
];

const tableOf: Record<ErasedCategory, string> = {
  service: 'users',
  licence: 'licences',
  billing: 'billing_events',
};

/** All is there a minute before it is due, and gone five minutes after. */
async function forgotten(stage: Stage, category: ErasedCategory): Promise<string | undefined> {
  const dueAt = stage.due?.get(category);
  if (dueAt === undefined) return `when ${category} data is due`;
  const table = tableOf[category];
  await advanceTo(stage, Date.parse(dueAt) - 60_000);
  if (stage.residue.rows(table, tenantIdOf(stage)) === 0)
    return `${category} data until ${dueAt}, but it is gone`;
  await advanceTo(stage, Date.parse(dueAt) + 300_000);
  const rows = stage.residue.rows(table, tenantIdOf(stage));
  if (rows > 0) return `no ${category} data after ${dueAt}, but ${rows} rows of ${table}`;
  // A receipt is issued when nothing was found twice.
  await stage.stack.advance('PT15M');
  const { deletions } = await subscriptionOf(stage);
  return deletions.some((each) => each.category === category) ? `a receipt for ${category} data` : undefined;
}

async function advanceTo({ stack }: Stage, instant: number): Promise<void> {
  const seconds = (instant - Date.parse(await stack.now())) / 1000;
  await stack.advance(`PT${seconds.toFixed(3)}S`);
}

async function act(stage: Stage, action: string, body: object = {}): Promise<void> {
  await stage.stack.post(`/marketplace/${tenantIdOf(stage)}/${action}`, body);
  await stage.stack.idle();
}

const subscriptionSchema = z.looseObject({
  state: z.string(),
  quantity: z.number().nullable().optional(),
  deletions: z.array(z.object({ category: z.enum(erasedCategories), dueAt: z.string() })).default([]),
});

async function subscriptionOf(stage: Stage): Promise<z.infer<typeof subscriptionSchema>> {
  return subscriptionSchema.parse(await ask(stage, '/api/subscription'));
}

/** As the customer asks, with the code it was given. */
async function ask(stage: Stage, path: string): Promise<unknown> {
  const code = await stage.stack.customerCode(tenantIdOf(stage));
  const response = await fetch(`${stage.stack.app}${path}`, { headers: { authorization: `Bearer ${code}` } });
  if (!response.ok) throw new Error(`${path} answers ${response.status}`);
  return response.json();
}

function tenantIdOf({ customer }: Stage): string {
  if (customer === undefined) throw new Error('There is no customer.');
  return customer.subscriptionId;
}

/** What points at the company or its people and is not the purchaser's, which billing keeps. */
function idsOf({ customer }: Stage): string[] {
  if (customer === undefined) throw new Error('There is no customer.');
  const { microsoftTenantId, ringCentralAccountId, users } = customer;
  return [microsoftTenantId, ringCentralAccountId, ...users.map(({ extensionId }) => extensionId)];
}

function peopleOf({ customer }: Stage): string[] {
  return (customer?.users ?? []).flatMap(({ userId, extensionId, mail }) => [userId, extensionId, mail]);
}
