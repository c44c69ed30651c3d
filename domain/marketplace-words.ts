/** The words of the commercial marketplace that mean something to us. It may add others at any time: they mean nothing. */

export const subscriptionStatuses = [
  'NotStarted',
  /** Bought, and not activated yet. */
  'PendingFulfillmentStart',
  'Subscribed',
  /** Not paid for. */
  'Suspended',
  /** For good: who buys again gets a new subscription. */
  'Unsubscribed',
] as const;

export const operationStatuses = ['NotStarted', 'InProgress', 'Succeeded', 'Failed', 'Conflict'] as const;

export const marketplaceActions = [
  'Subscribe',
  'Unsubscribe',
  'ChangePlan',
  'ChangeQuantity',
  'Suspend',
  'Reinstate',
  'Renew',
  'Transfer',
] as const;
