/**
 * Lives of subscriptions, and what the privacy policy promises for each, reckoned here by the policy's own words and not by
 * the product's rules.
 */
import { isThorough } from './thorough.ts';

type Act =
  | { do: 'suspend' | 'reinstate' | 'unsubscribe' | 'renew' }
  | { do: 'change-quantity'; quantity: number }
  | { do: 'change-plan'; planId: string }
  /** Once more at the marketplace, by the same company. */
  | { do: 'buy again' };

/** What befalls the act's webhook. */
type Fate = 'lost' | 'late' | 'twice' | 'forged besides';

export interface Step {
  /** Hours after the beginning. */
  hour: number;
  act: Act;
  fate?: Fate;
}

export interface Life {
  name: string;
  steps: readonly Step[];
  /** `pending` never activates, `refused` is activated and the marketplace then fails to; neither is onboarded. */
  purchase?: 'pending' | 'refused';
}

const day = 24;
const on = (hour: number, act: Act['do'] | Act, fate?: Fate): Step => ({
  hour,
  act: typeof act === 'string' ? ({ do: act } as Act) : act,
  ...(fate !== undefined && { fate }),
});
const seats = (quantity: number): Act => ({ do: 'change-quantity', quantity });
const premium: Act = { do: 'change-plan', planId: 'premium' };
const team: Act = { do: 'change-plan', planId: 'team' };

/** Every order of suspending, reinstating, cancelling, changing and buying again. Active for hours only: that is what takes time. */
const allLives: readonly Life[] = [
  { name: 'cancelled', steps: [on(1, 'unsubscribe')] },
  { name: 'cancelled, which is told twice', steps: [on(1, 'unsubscribe', 'twice')] },
  { name: 'cancelled, which is told hours late', steps: [on(1, 'unsubscribe', 'late')] },
  { name: 'cancelled, which is never told', steps: [on(1, 'unsubscribe', 'lost')] },
  { name: 'cancelled, and forged before', steps: [on(1, 'renew', 'forged besides'), on(2, 'unsubscribe')] },
  { name: 'suspended and cancelled at once', steps: [on(1, 'suspend'), on(1, 'unsubscribe')] },
  { name: 'suspended, cancelled a day later', steps: [on(1, 'suspend'), on(1 + day, 'unsubscribe')] },
  {
    name: 'suspended, cancelled an hour before the data would go',
    steps: [on(1, 'suspend'), on(7 * day, 'unsubscribe')],
  },
  {
    name: 'suspended twice told, cancelled',
    steps: [on(1, 'suspend', 'twice'), on(2 + day, 'unsubscribe', 'twice')],
  },
  { name: 'suspended, told late, cancelled', steps: [on(1, 'suspend', 'late'), on(2 * day, 'unsubscribe')] },
  { name: 'suspended, never told, cancelled', steps: [on(1, 'suspend', 'lost'), on(3 * day, 'unsubscribe')] },
  { name: 'lapsed', steps: [on(1, 'suspend')] },
  { name: 'lapsed, told late', steps: [on(1, 'suspend', 'late')] },
  { name: 'lapsed and cancelled', steps: [on(1, 'suspend'), on(8 * day, 'unsubscribe')] },
  {
    name: 'lapsed, reinstated and cancelled',
    steps: [on(1, 'suspend'), on(8 * day, 'reinstate'), on(9 * day, 'unsubscribe')],
  },
  {
    name: 'lapsed, reinstated, suspended and lapsed again',
    steps: [on(1, 'suspend'), on(8 * day, 'reinstate'), on(8 * day + 2, 'suspend')],
  },
  {
    name: 'suspended and reinstated within the hour, cancelled',
    steps: [on(1, 'suspend'), on(2, 'reinstate'), on(3, 'unsubscribe')],
  },
  {
    name: 'suspended and reinstated on the last day, cancelled',
    steps: [on(1, 'suspend'), on(7 * day, 'reinstate'), on(7 * day + 2, 'unsubscribe')],
  },
  {
    name: 'suspended and reinstated twice, cancelled',
    steps: [on(1, 'suspend'), on(2, 'reinstate'), on(3, 'suspend'), on(4, 'reinstate'), on(5, 'unsubscribe')],
  },
  {
    name: 'suspended, reinstated, suspended, cancelled',
    steps: [on(1, 'suspend'), on(2, 'reinstate'), on(3, 'suspend'), on(2 * day, 'unsubscribe')],
  },
  {
    name: 'suspended, reinstated, suspended, lapsed',
    steps: [on(1, 'suspend'), on(6 * day, 'reinstate'), on(6 * day + 1, 'suspend')],
  },
  {
    name: 'suspended and reinstated, neither told',
    steps: [on(1, 'suspend', 'lost'), on(2, 'reinstate', 'late'), on(4, 'unsubscribe')],
  },
  { name: 'changed and cancelled', steps: [on(1, seats(3)), on(2, 'unsubscribe')] },
  {
    name: 'changed, which is never told, and cancelled',
    steps: [on(1, seats(4), 'lost'), on(2, 'unsubscribe')],
  },
  { name: 'moved to another plan and cancelled', steps: [on(1, premium), on(2, 'unsubscribe')] },
  {
    name: 'changed both ways, suspended, reinstated, changed, cancelled',
    steps: [
      on(1, seats(9)),
      on(1, team),
      on(2, 'suspend'),
      on(3, 'reinstate'),
      on(4, premium),
      on(5, 'unsubscribe'),
    ],
  },
  { name: 'changed, suspended and lapsed', steps: [on(1, seats(1)), on(2, 'suspend')] },
  {
    name: 'suspended, reinstated, changed, suspended, cancelled',
    steps: [
      on(1, 'suspend'),
      on(2, 'reinstate'),
      on(3, seats(6)),
      on(4, 'suspend'),
      on(3 * day, 'unsubscribe'),
    ],
  },
  { name: 'renewed and cancelled', steps: [on(1, 'renew'), on(2, 'unsubscribe')] },
  { name: 'cancelled and bought again', steps: [on(1, 'unsubscribe'), on(3, 'buy again')] },
  { name: 'cancelled and bought again at once', steps: [on(1, 'unsubscribe'), on(1, 'buy again')] },
  {
    name: 'suspended, cancelled and bought again',
    steps: [on(1, 'suspend'), on(2 * day, 'unsubscribe'), on(2 * day + 1, 'buy again')],
  },
  {
    name: 'lapsed and bought again',
    steps: [on(1, 'suspend'), on(8 * day, 'unsubscribe'), on(40 * day, 'buy again')],
  },
  { name: 'bought and never activated', purchase: 'pending', steps: [] },
  { name: 'activated in vain', purchase: 'refused', steps: [] },
];

/** Every fourth one, unless all are asked for. */
export const lives = allLives.filter((_life, index) => isThorough || index % 4 === 3);

/** What happened to a life, and when. */
export interface Happened {
  what: Act['do'];
  at: number;
}

export interface Promised {
  category: 'service' | 'licence' | 'billing';
  reason: 'cancelled' | 'suspended';
  dueAt: number;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;

/**
 * The privacy policy: "24 h after cancellation, or 7 days after suspension" for service data, 30 days after cancellation
 * for licence management, 90 days after cancellation for billing.
 */
export function promised(happened: readonly Happened[], until: number): Promised[] {
  const promises: Promised[] = [];
  let suspendedAt: number | undefined;
  const lapseBefore = (instant: number): void => {
    const dueAt = suspendedAt === undefined ? undefined : suspendedAt + 7 * day * hourMs;
    if (dueAt === undefined || dueAt > instant) return;
    promises.push({ category: 'service', reason: 'suspended', dueAt });
    suspendedAt = undefined;
  };
  for (const { what, at } of happened) {
    lapseBefore(at);
    if (what === 'suspend') suspendedAt ??= at;
    if (what === 'reinstate') suspendedAt = undefined;
    if (what !== 'unsubscribe') continue;
    suspendedAt = undefined;
    promises.push(
      { category: 'service', reason: 'cancelled', dueAt: at + day * hourMs },
      { category: 'licence', reason: 'cancelled', dueAt: at + 30 * day * hourMs },
      { category: 'billing', reason: 'cancelled', dueAt: at + 90 * day * hourMs },
    );
  }
  lapseBefore(until);
  return promises;
}

/** Erased within this long. */
export const promptlyMs = 5 * minuteMs;

/** Whether data of a category is there at an instant: `either` while its erasure may be under way. */
export function isThere(
  promises: readonly Promised[],
  category: Promised['category'],
  at: number,
): 'there' | 'gone' | 'either' {
  const first = Math.min(...promises.filter((each) => each.category === category).map(({ dueAt }) => dueAt));
  if (at < first) return 'there';
  return at < first + promptlyMs ? 'either' : 'gone';
}
