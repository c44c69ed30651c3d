/** How the marketplace words subscriptions, operations and webhooks, with the habits that are switched on. */
import type { Faults, Quirk } from '../faults.ts';
import type { Action, Operation, Subscription } from './model.ts';
import { offerId, publisherId } from './plans.ts';

/** Whether a habit is switched on. */
export type HasQuirk = (quirk: Quirk) => boolean;

export function quirksOf(faults: Faults): HasQuirk {
  return (quirk) => faults.hasQuirk(quirk);
}

export function subscriptionBody(subscription: Subscription, has: HasQuirk): object {
  const { term, throughPartner } = subscription;
  return {
    id: subscription.id,
    publisherId: subscription.publisherId,
    offerId,
    name: subscription.name,
    planId: subscription.planId,
    ...quantityOf(subscription.quantity, has),
    saasSubscriptionStatus: text(subscription.status, has),
    beneficiary: subscription.beneficiary,
    purchaser: subscription.purchaser,
    term: {
      termUnit: subscription.termUnit,
      startDate: term === null ? never : day(term.startsAt),
      endDate: term === null ? never : day(term.endsAt),
      chargeDuration: null,
    },
    autoRenew: subscription.autoRenew,
    isTest: subscription.isTest,
    isFreeTrial: subscription.isFreeTrial,
    allowedCustomerOperations: allowedOperations(subscription),
    sandboxType: throughPartner ? 'Csp' : 'None',
    sessionMode: 'None',
    created: new Date(subscription.createdAt).toISOString(),
    lastModified: never,
    ...extra(has),
  };
}

/** Who buys through a partner leaves changes to the partner. */
export function allowedOperations({ throughPartner }: Subscription): string[] {
  return throughPartner ? ['Read'] : ['Read', 'Update', 'Delete'];
}

export function resolvedBody(subscription: Subscription, has: HasQuirk): object {
  return {
    id: subscription.id,
    subscriptionName: subscription.name,
    offerId,
    planId: subscription.planId,
    ...quantityOf(subscription.quantity, has),
    subscription: subscriptionBody(subscription, has),
    ...extra(has),
  };
}

export function operationBody(operation: Operation, has: HasQuirk): object {
  return { ...commonBody(operation, has), errorStatusCode: '', errorMessage: '', ...extra(has) };
}

/** `subscription` is as it stands now: before a change that waits for an answer, after one that does not. */
export function webhookBody(operation: Operation, subscription: Subscription, has: HasQuirk): object {
  return {
    ...commonBody(operation, has),
    operationRequestSource: operation.source,
    subscription: subscriptionBody(subscription, has),
    purchaseToken: null,
    ...extra(has),
  };
}

function commonBody(operation: Operation, has: HasQuirk): object {
  return {
    id: operation.id,
    activityId: operation.activityId,
    publisherId,
    offerId,
    planId: operation.planId,
    ...quantityOf(operation.quantity, has),
    subscriptionId: operation.subscriptionId,
    timeStamp: new Date(operation.at).toISOString(),
    action: text(nameOf(operation.action, has), has),
    status: text(operation.status, has),
  };
}

/** What .NET writes for a date that was never set; it has no zone. */
const never = '0001-01-01T00:00:00';

function day(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function nameOf(action: Action, has: HasQuirk): string {
  return action === 'Suspend' && has('suspendedAction') ? 'Suspended' : action;
}

function text(value: string, has: HasQuirk): string {
  return has('paddedText') ? ` ${value}  ` : value;
}

function quantityOf(quantity: number | null, has: HasQuirk): { quantity?: number | string } {
  if (has('missingQuantity')) return {};
  if (quantity === null) return has('emptyQuantity') ? { quantity: '' } : {};
  return { quantity: has('textQuantity') ? String(quantity) : quantity };
}

function extra(has: HasQuirk): object {
  return has('extraFields') ? { schemaVersion: 'next', billing: { plan: null, seats: [] } } : {};
}
