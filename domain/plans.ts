/** What the offer's plans mean for people: how many may be looked after. */
import { z } from 'zod';

const planId = z.string().min(1).max(128);

const planSchema = z.discriminatedUnion('perSeat', [
  /** As many people as seats are bought. */
  z.strictObject({ planId, perSeat: z.literal(true) }),
  /** One price for `includedSeats` people, or for all where it is not given. */
  z.strictObject({ planId, perSeat: z.literal(false), includedSeats: z.int().positive().optional() }),
]);

export const planCatalogueSchema = z
  .array(planSchema)
  .min(1)
  .refine(
    (plans) => new Set(plans.map((plan) => plan.planId)).size === plans.length,
    'must not hold a plan twice',
  );
export type PlanCatalogue = z.infer<typeof planCatalogueSchema>;

/** The plans of the offer as it is published. */
export const publishedPlans: PlanCatalogue = [
  { planId: 'standard', perSeat: true },
  { planId: 'premium', perSeat: true },
  { planId: 'team', perSeat: false, includedSeats: 25 },
  { planId: 'early-adopter', perSeat: true },
];

export function isOffered(catalogue: PlanCatalogue, id: string): boolean {
  return catalogue.some((plan) => plan.planId === id);
}

/**
 * For how many people the plan is; null where there is no limit. Of a plan that is not in the catalogue what was bought
 * counts: a catalogue that lags behind the offer must cost no customer anything.
 */
export function seatsOf(catalogue: PlanCatalogue, id: string, quantity: number | null): number | null {
  const plan = catalogue.find((each) => each.planId === id);
  if (plan === undefined || plan.perSeat) return quantity;
  return plan.includedSeats ?? null;
}
