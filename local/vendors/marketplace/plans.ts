/** The plans of the offer, and the terms they are sold for. */
import { badRequest } from './marketplace-error.ts';

export const offerId = 'presence-hub';
export const publisherId = 'presencehub';

interface Plan {
  readonly planId: string;
  readonly displayName: string;
  readonly description: string;
  readonly isPricePerSeat: boolean;
  readonly minQuantity: number | null;
  readonly maxQuantity: number | null;
  readonly hasFreeTrials: boolean;
  /** Sold to nobody new; who has it keeps it. */
  readonly isStopSell: boolean;
}

const perSeat = { isPricePerSeat: true, hasFreeTrials: false, isStopSell: false };

const plans: readonly Plan[] = [
  {
    ...perSeat,
    planId: 'standard',
    displayName: 'Standard',
    description: 'Presence both ways, for each licensed user.',
    minQuantity: 1,
    maxQuantity: 10_000,
    hasFreeTrials: true,
  },
  {
    ...perSeat,
    planId: 'premium',
    displayName: 'Premium',
    description: 'As Standard, with support around the clock.',
    minQuantity: 5,
    maxQuantity: 1000,
  },
  {
    ...perSeat,
    planId: 'team',
    displayName: 'Team',
    description: 'One price for a small company.',
    isPricePerSeat: false,
    minQuantity: null,
    maxQuantity: null,
  },
  {
    ...perSeat,
    planId: 'preview',
    displayName: 'Preview',
    description: 'On sale before the product knows of it: a slip of the publisher.',
    minQuantity: 1,
    maxQuantity: 100,
  },
  {
    ...perSeat,
    planId: 'early-adopter',
    displayName: 'Early adopter',
    description: 'No longer sold.',
    minQuantity: 1,
    maxQuantity: 100,
    isStopSell: true,
  },
];

/** @throws MarketplaceError 400 for a plan that the offer does not have */
export function planOf(planId: string): Plan {
  const plan = plans.find((each) => each.planId === planId);
  if (plan === undefined) throw badRequest('The plan is not a plan of the offer.', 'planId');
  return plan;
}

/** The seats of a plan, null for a flat one. @throws MarketplaceError 400 when they are not in its limits */
export function seatsOf(planId: string, quantity: number | null | undefined): number | null {
  const { isPricePerSeat, minQuantity, maxQuantity } = planOf(planId);
  if (!isPricePerSeat) {
    if (quantity === undefined || quantity === null) return null;
    throw badRequest('The plan has no seats.', 'quantity');
  }
  if (quantity === undefined || quantity === null) throw badRequest('The plan needs a quantity.', 'quantity');
  if (quantity < (minQuantity ?? 1) || quantity > (maxQuantity ?? quantity)) {
    throw badRequest(`The quantity must be ${minQuantity} to ${maxQuantity}.`, 'quantity');
  }
  return quantity;
}

/** The seats after a change of plan alone: as many as before, within the limits of the new plan. */
export function seatsAfterMove(planId: string, before: number | null): number | null {
  const { isPricePerSeat, minQuantity, maxQuantity } = planOf(planId);
  if (!isPricePerSeat) return null;
  const least = minQuantity ?? 1;
  return Math.min(Math.max(before ?? least, least), maxQuantity ?? Number.MAX_SAFE_INTEGER);
}

/** As `listAvailablePlans` answers them; one only when `planId` names it. */
export function availablePlans(planId: string | undefined): object[] {
  return plans
    .filter((plan) => planId === undefined || plan.planId === planId)
    .map((plan) => ({
      ...plan,
      isPrivate: false,
      market: 'US',
      planComponents: {
        recurrentBillingTerms: [
          {
            currency: 'USD',
            price: 3,
            termUnit: 'P1M',
            termDescription: '1-Month Subscription',
            meteredQuantityIncluded: [],
          },
        ],
        meteringDimensions: [],
      },
      sourceOffers: planId === undefined ? [] : [{ externalId: offerId }],
    }));
}
