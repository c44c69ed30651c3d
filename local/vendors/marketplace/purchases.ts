/** What a customer says when it buys, and who the parties are. */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Directory } from '../entra/directory.ts';
import type { Party, Subscription } from './model.ts';

/** A purchase of the offer. */
export const purchaseSchema = z.strictObject({
  planId: z.string().min(1).default('standard'),
  /** Seats; only for plans that have any. */
  quantity: z.int().optional(),
  /** P1M, P1Y, P2Y, … or PAY. */
  termUnit: z
    .string()
    .regex(/^(P[1-9]\d?[MY]|PAY)$/, 'must be P1M, P1Y and the like, or PAY')
    .default('P1M'),
  autoRenew: z.boolean().default(true),
  isFreeTrial: z.boolean().default(false),
  isTest: z.boolean().default(false),
  /** Bought by a partner for the customer (Cloud Solution Provider). */
  throughPartner: z.boolean().default(false),
  /** The customer, when Entra ID knows it; else one is made up. */
  microsoftTenantId: z.guid().optional(),
  /** Who buys there; anybody by default. */
  userId: z.guid().optional(),
  name: z.string().min(1).max(50).default('Presence Hub'),
  /** What follows an answered activation fails, and it ends. */
  activationFails: z.boolean().default(false),
  /** It is Subscribed already, without the landing page and without a webhook. */
  subscribed: z.boolean().default(false),
  /** Sold by somebody else. */
  publisherId: z.string().min(1).optional(),
});
export type PurchaseRequest = z.input<typeof purchaseSchema>;

type Asked = Omit<z.output<typeof purchaseSchema>, 'subscribed' | 'publisherId'>;
type Bought = Omit<Subscription, 'id' | 'ordinal' | 'status' | 'term' | 'createdAt' | 'publisherId'>;

/** The purchase with its parties. @throws Error when Entra ID does not know them */
export function buyer(directory: Directory, asked: Asked): Bought {
  const { microsoftTenantId, userId, quantity, ...rest } = asked;
  const beneficiary =
    microsoftTenantId === undefined ? stranger() : member(directory, microsoftTenantId, userId);
  const purchaser = asked.throughPartner ? stranger() : beneficiary;
  return { ...rest, quantity: quantity ?? null, beneficiary, purchaser };
}

function member(directory: Directory, tenantId: string, userId: string | undefined): Party {
  const users = directory.usersOf(tenantId);
  const user = users.find((each) => (userId === undefined ? each.licensed : each.userId === userId));
  if (user === undefined) throw new Error(`Entra ID knows no such user of the tenant ${tenantId}.`);
  return { emailId: user.mail, objectId: user.userId, tenantId, puid: puidOf(user.userId) };
}

function stranger(): Party {
  const objectId = randomUUID();
  return {
    emailId: `buyer-${objectId.slice(0, 8)}@customer.example`,
    objectId,
    tenantId: randomUUID(),
    puid: puidOf(objectId),
  };
}

/** Microsoft's older number of an account. */
function puidOf(objectId: string): string {
  const hex = createHash('sha256').update(objectId).digest('hex').slice(0, 12);
  return `1003${hex.toUpperCase()}`;
}
