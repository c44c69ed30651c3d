/**
 * The life of a subscription: which states there are, and what leads from one to another. The marketplace's own status is
 * read anew whenever anything happens, so that events that come late, twice or not at all lead to the same state.
 */
import type { subscriptionStatuses } from './marketplace-words.ts';

export const tenantStates = [
  /** Bought, and its activation asked for. */
  'pending',
  'active',
  /** Not paid for: nothing is read or written, and all is kept for some days. */
  'suspended',
  /** Suspended for so long that service data is erased: when it is paid again, the customer onboards anew. */
  'lapsed',
  /** For good: who buys again has another subscription. */
  'cancelled',
] as const;
export type TenantState = (typeof tenantStates)[number];

/** What can happen to a subscription: what the marketplace says of it, and our own time running out. */
export const lifecycleEvents = ['bought', 'paid', 'unpaid', 'ended', 'timeUp'] as const;
export type LifecycleEvent = (typeof lifecycleEvents)[number];

/** Where a subscription stands that we know nothing of, or nothing any more. */
type Standing = TenantState | 'unknown';

/** The one table of transitions; `docs/lifecycle.md` is drawn from it. What is not in it changes nothing. */
export const transitions: Readonly<Record<Standing, Readonly<Partial<Record<LifecycleEvent, TenantState>>>>> =
  {
    // Of what has ended before we knew of it, nothing is ever kept.
    unknown: { bought: 'pending', paid: 'active', unpaid: 'suspended' },
    pending: { paid: 'active', unpaid: 'suspended', ended: 'cancelled' },
    active: { unpaid: 'suspended', ended: 'cancelled' },
    suspended: { paid: 'active', ended: 'cancelled', timeUp: 'lapsed' },
    lapsed: { paid: 'active', ended: 'cancelled' },
    cancelled: {},
  };

/** The state after the event, or undefined where it changes nothing. */
export function nextState(standing: Standing, event: LifecycleEvent): TenantState | undefined {
  return transitions[standing][event];
}

type MarketplaceStatus = (typeof subscriptionStatuses)[number];

const eventOf: Partial<Record<string, LifecycleEvent>> = {
  Subscribed: 'paid',
  Suspended: 'unpaid',
  Unsubscribed: 'ended',
} satisfies Partial<Record<MarketplaceStatus, LifecycleEvent>>;

/** What the marketplace's status means; undefined where it means nothing (yet). */
export function eventOfStatus(status: string): LifecycleEvent | undefined {
  return eventOf[status];
}
