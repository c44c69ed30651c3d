/** What the simulated marketplace keeps of a purchase and of what happens to it. */

type SubscriptionStatus = 'PendingFulfillmentStart' | 'Subscribed' | 'Suspended' | 'Unsubscribed';

/** An account at Microsoft that buys or uses. */
export interface Party {
  readonly emailId: string;
  readonly objectId: string;
  readonly tenantId: string;
  readonly puid: string;
}

export interface Subscription {
  readonly id: string;
  /** Grows with each purchase: the order of the list. */
  readonly ordinal: number;
  readonly publisherId: string;
  readonly name: string;
  readonly planId: string;
  /** Null with a flat plan. */
  readonly quantity: number | null;
  readonly status: SubscriptionStatus;
  readonly beneficiary: Party;
  readonly purchaser: Party;
  readonly throughPartner: boolean;
  /** P1M, P1Y, … or PAY. */
  readonly termUnit: string;
  /** Midnight UTC of the first and the last day, milliseconds since 1970; null before activation. */
  readonly term: { readonly startsAt: number; readonly endsAt: number } | null;
  readonly autoRenew: boolean;
  readonly isFreeTrial: boolean;
  readonly isTest: boolean;
  readonly createdAt: number;
  /** Whether what follows an answered activation fails. */
  readonly activationFails: boolean;
}

export type Action =
  | 'Subscribe'
  | 'Unsubscribe'
  | 'ChangePlan'
  | 'ChangeQuantity'
  | 'Suspend'
  | 'Reinstate'
  | 'Renew'
  | 'Transfer';

type OperationStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Conflict';

export interface Operation {
  readonly id: string;
  readonly subscriptionId: string;
  /** Grows with each operation of any subscription. */
  readonly ordinal: number;
  readonly activityId: string;
  readonly action: Action;
  /** As asked for; the subscription has its own until the operation succeeds. */
  readonly planId: string;
  readonly quantity: number | null;
  readonly status: OperationStatus;
  readonly source: 'Azure' | 'Partner';
  readonly at: number;
}

/** A webhook as it was attempted. */
export interface WebhookAttempt {
  /** ISO 8601. */
  readonly at: string;
  readonly operationId: string;
  readonly subscriptionId: string;
  readonly action: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** What was answered; null when there was no answer in time. */
  readonly status: number | null;
  /** What is wrong with its token, when an impostor sent it. */
  readonly forged?: string;
}
