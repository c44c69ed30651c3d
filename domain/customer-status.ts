/** What a customer is told of where their subscription stands, and what they can do next. */
import type { DueDeletion } from './subscription.ts';
import type { TenantState } from './lifecycle.ts';

/** `forgotten`: all there was has been erased. */
export type CustomerState = TenantState | 'forgotten';

export type NextStep =
  /** Activate what was bought, from the marketplace. */
  | 'activate'
  /** Let the product in on both sides. */
  | 'connect'
  /** Pay; the marketplace says how. */
  | 'pay'
  /** Nothing can be done until an erasure is over. */
  | 'wait'
  /** This subscription has ended for good; another one can be bought. */
  | 'buyAgain'
  | 'none';

interface Standing {
  state: CustomerState;
  /** Both sides have been consented to, and that has not been erased since. */
  isConnected: boolean;
  deletions: readonly DueDeletion[];
}

/** What the customer can do next. Who is back after a lapse connects anew, but not before what was held is erased. */
export function nextStep({ state, isConnected, deletions }: Standing): NextStep {
  switch (state) {
    case 'pending':
      return 'activate';
    case 'active':
      if (serviceDeletion(deletions) !== undefined) return 'wait';
      return isConnected ? 'none' : 'connect';
    case 'suspended':
    case 'lapsed':
      return 'pay';
    case 'cancelled':
    case 'forgotten':
      return 'buyAgain';
  }
}

/** Whether there is service data to be copied at the instant `at`: not once it is erased, nor while it is being erased. */
export function canBeCopied(state: CustomerState, deletions: readonly DueDeletion[], at: Date): boolean {
  const deletion = serviceDeletion(deletions);
  if (deletion !== undefined) return deletion.dueAt > at;
  return state === 'pending' || state === 'active' || state === 'suspended';
}

/** Whether the company may say by which rules it is served: not while it is not, nor while an erasure would take them along. */
export function mayChangeRules(state: CustomerState, deletions: readonly DueDeletion[]): boolean {
  return state === 'active' && serviceDeletion(deletions) === undefined;
}

/** Until when a copy can be fetched: until its own time is over, or until the service data is erased, and the copy with it. */
export function copyEnds(expiresAt: Date, deletions: readonly DueDeletion[]): Date {
  const dueAt = serviceDeletion(deletions)?.dueAt;
  return dueAt !== undefined && dueAt < expiresAt ? dueAt : expiresAt;
}

function serviceDeletion(deletions: readonly DueDeletion[]): DueDeletion | undefined {
  return deletions.find(({ category }) => category === 'service');
}
