/** A customer that is to be erased: what has to be gone, whether any of it is there, and the receipts. */
import { join } from 'node:path';
import { z } from 'zod';
import { makeReceiptProof } from '../../clients/receipts.ts';
import { brokenLink, receiptSchema, type Receipt } from '../../domain/erasure-receipt.ts';
import type { Needle } from '../../local/residue/byte-search.ts';
import { describeFinding, searchData } from '../../local/residue/search-data.ts';
import type { Customer } from '../../local/stack/stack-process.ts';
import type { StackWithData } from './stack-with-data.ts';

/** What is known of the customer's people, company and connections just now, and not of the other's, nor for billing. */
export function dataOf(running: StackWithData, customer: Customer, other: Customer): Needle[] {
  const others = new Set(other.users.flatMap(({ displayName }) => displayName));
  const needle = (kind: Needle['kind'], text: string): Needle => ({ kind, label: kind, text });
  const purchasers = running.rows('select purchaser_mail, purchaser_object_id from billing_events');
  const ofBilling = new Set(purchasers.flatMap((row) => Object.values(row)));
  const known = [
    needle('companyId', customer.microsoftTenantId),
    needle('companyId', customer.ringCentralAccountId),
    ...customer.users.flatMap(({ userId, extensionId, displayName, mail }) => [
      needle('directoryId', userId),
      needle('vendorId', extensionId),
      ...(others.has(displayName) ? [] : [needle('name', displayName)]),
      needle('mail', mail),
    ]),
    ...secretsOf(running, customer).map((text) => needle('token', text)),
  ];
  return known.filter(({ text }) => !ofBilling.has(text));
}

export function tenantIdOf({ subscriptionId }: Customer): Needle {
  return { kind: 'companyId', label: 'the tenant id', text: subscriptionId };
}

/** Where any of it is at rest, in rows or in the bytes of any file. */
export function whereabouts(running: StackWithData, needles: readonly Needle[]): string[] {
  return [...new Set(searchData(join(running.data, 'app'), needles).map(describeFinding))].toSorted();
}

const grantSchema = z.object({ refreshToken: z.string() });

/** The tokens and keys that the vault holds for the customer. */
export function secretsOf(running: StackWithData, { subscriptionId }: Customer): string[] {
  return running
    .vaultSecrets()
    .filter(({ name }) => name.includes(subscriptionId))
    .map(({ value }) => (value.startsWith('{') ? grantSchema.parse(JSON.parse(value)).refreshToken : value));
}

/** The customer's subscription, which the marketplace has ended. */
export function cancelled(running: StackWithData, { subscriptionId }: Customer, at: string): void {
  running.sql(
    `DELETE FROM subscriptions WHERE tenant_id = '${subscriptionId}';
     INSERT INTO subscriptions (tenant_id, state, version, entered, begun, changed_at)
     VALUES ('${subscriptionId}', 'cancelled', 2, 2, 2, '${at}')`,
  );
}

/** Has a category of the customer's data erased at an instant. */
export function due(
  running: StackWithData,
  { subscriptionId }: Customer,
  { category, at }: { category: 'service' | 'licence' | 'billing'; at: string },
): void {
  running.sql(
    `INSERT INTO due_deletions (tenant_id, category, reason, due_at)
     VALUES ('${subscriptionId}', '${category}', 'cancelled', '${at}')`,
  );
}

export function minutesAfter(instant: string, minutes: number): string {
  return new Date(Date.parse(instant) + minutes * 60_000).toISOString();
}

const listSchema = z.object({
  publicKey: z.string(),
  receipts: z.array(receiptSchema),
  next: z.int().optional(),
});

/** The chain as anybody may read it. Throws where a link is broken. */
export async function receipts(running: StackWithData): Promise<Receipt[]> {
  const chain: Receipt[] = [];
  let page: z.infer<typeof listSchema>;
  let number: number | undefined = 0;
  do {
    const response = await fetch(`${running.stack.app}/api/erasure-receipts?page=${number}`);
    page = listSchema.parse(await response.json());
    chain.push(...page.receipts);
    number = page.next;
  } while (number !== undefined);
  const broken = brokenLink(chain, makeReceiptProof(page.publicKey));
  if (broken !== undefined) throw new Error(`Receipt ${broken.link} is ${broken.fault}.`);
  return chain;
}

/** How often the app has said so, and with what severity. */
export async function said(running: StackWithData, event: string): Promise<string[]> {
  const items = await running.stack.telemetry();
  return items
    .map(({ data }) => data.baseData)
    .filter(({ message }) => message === event)
    .map(({ severityLevel }) => String(severityLevel));
}
