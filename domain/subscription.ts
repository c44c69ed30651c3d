/** What becomes of a subscription when something is seen of it: one pure rule for state, plan, what is billed and what is due. */
import { hoursKeptAfter, type EndReason } from './data-map/retention.ts';
import { erasedCategories, type ErasedCategory } from './data-map/words.ts';
import { nextState, type LifecycleEvent, type TenantState } from './lifecycle.ts';

export interface Plan {
  planId: string;
  /** Seats bought; null where the plan is not by the seat. */
  quantity: number | null;
}

export interface Subscription extends Plan {
  state: TenantState;
  /** Counts from 1 what has changed: state, plan, quantity. */
  version: number;
  /** The version that brought this state. */
  entered: number;
}

export interface DueDeletion {
  category: ErasedCategory;
  reason: EndReason;
  dueAt: Date;
}

/** What is seen of a subscription, and since when it is so. */
export interface Seen {
  /** Undefined where only the plan counts. */
  event: LifecycleEvent | undefined;
  /** Undefined where nothing is said of it, or of its quantity. */
  plan: { planId: string; quantity: number | null | undefined } | undefined;
  at: Date;
  /** When we learned of it, if that was later. */
  learnedAt?: Date;
}

export const billingKinds = [
  'purchased',
  'activated',
  'planChanged',
  'quantityChanged',
  'suspended',
  'reinstated',
  'renewed',
  'cancelled',
] as const;
type BillingKind = (typeof billingKinds)[number];

export interface Change {
  after: Subscription;
  /** What billing is told of it; undefined where it is none of billing's business. */
  kind: BillingKind | undefined;
  due: DueDeletion[];
  calledOff: ErasedCategory[];
}

/** What changes; undefined where nothing does. */
export function changeOf(before: Subscription | undefined, seen: Seen): Change | undefined {
  const entered = seen.event && nextState(before?.state ?? 'unknown', seen.event);
  return before === undefined ? begin(entered, seen) : goOn(before, entered, seen);
}

function begin(state: TenantState | undefined, seen: Seen): Change | undefined {
  const { plan } = seen;
  if (state === undefined || plan === undefined) return undefined;
  const after = { state, version: 1, entered: 1, planId: plan.planId, quantity: plan.quantity ?? null };
  return { after, kind: 'purchased', due: dueIn(state, seen), calledOff: [] };
}

/** `entered` is the state that has begun, if one has. */
function goOn(before: Subscription, entered: TenantState | undefined, seen: Seen): Change | undefined {
  const state = entered ?? before.state;
  // What a subscription comprised that has ended is of no account.
  const { planId, quantity } = planAfter(before, state === 'cancelled' ? undefined : seen.plan);
  const isSamePlan = planId === before.planId && quantity === before.quantity;
  if (entered === undefined && isSamePlan) return undefined;
  const version = before.version + 1;
  return {
    after: { state, version, entered: entered === undefined ? before.entered : version, planId, quantity },
    kind: kindOf(before, { state, planId }),
    due: entered === undefined ? [] : dueIn(entered, seen),
    // Once lapsed, what is due is under way, and is seen through.
    calledOff: before.state === 'suspended' && entered === 'active' ? ['service'] : [],
  };
}

/** What is not said of the same plan is as it was. */
function planAfter(before: Plan, seen: Seen['plan']): Plan {
  const { planId, quantity } = seen ?? before;
  return {
    planId,
    quantity: quantity ?? (planId === before.planId && quantity === undefined ? before.quantity : null),
  };
}

function kindOf(
  before: Subscription,
  { state, planId }: Pick<Subscription, 'state' | 'planId'>,
): BillingKind | undefined {
  if (state === before.state) return planId === before.planId ? 'quantityChanged' : 'planChanged';
  switch (state) {
    case 'active':
      return before.state === 'pending' ? 'activated' : 'reinstated';
    case 'suspended':
    case 'cancelled':
      return state;
    case 'pending':
    case 'lapsed':
      return undefined;
  }
}

const hourMs = 3_600_000;

/** However late we learn of it, there is time to leave cleanly and for the customer to fetch a copy. */
const noticeMs = 2 * hourMs;

/** What is to be erased, and when, once that state has begun. */
function dueIn(state: TenantState, { at, learnedAt = at }: Seen): DueDeletion[] {
  if (state !== 'suspended' && state !== 'cancelled') return [];
  return erasedCategories.flatMap((category) => {
    const hours = hoursKeptAfter(state, category);
    if (hours === undefined) return [];
    const dueAt = new Date(Math.max(at.getTime() + hours * hourMs, learnedAt.getTime() + noticeMs));
    return [{ category, reason: state, dueAt }];
  });
}
