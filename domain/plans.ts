/** The plans we sell, and what each lets a customer use. */
import { z } from 'zod';
import type { Plan } from './subscription.ts';

const planSchema = z.strictObject({
  /** As in Partner Center. */
  planId: z.string().min(1).max(128),
  /** Sold by the seat: as many people as seats were bought. */
  perSeat: z.boolean(),
  /** Of a plan that is not sold by the seat: for so many people; without it for all. */
  includedSeats: z.int().positive().optional(),
});

export const planCatalogueSchema = z
  .array(planSchema)
  .min(1)
  .refine((plans) => new Set(plans.map(({ planId }) => planId)).size === plans.length, 'names a plan twice');
export type PlanCatalogue = z.infer<typeof planCatalogueSchema>;

export const usualPlans: PlanCatalogue = [
  { planId: 'standard', perSeat: true },
  { planId: 'premium', perSeat: true },
  { planId: 'team', perSeat: false, includedSeats: 25 },
  { planId: 'early-adopter', perSeat: true },
];

export function isOffered(catalogue: PlanCatalogue, planId: string): boolean {
  return catalogue.some((plan) => plan.planId === planId);
}

/**
 * For how many people the plan is; null for all. Of a plan that we do not know, what was bought holds: whoever pays is not
 * to be worse off for a gap in our settings.
 */
export function seatsOf(catalogue: PlanCatalogue, { planId, quantity }: Plan): number | null {
  const plan = catalogue.find((each) => each.planId === planId);
  return plan?.perSeat === false ? (plan.includedSeats ?? null) : quantity;
}
