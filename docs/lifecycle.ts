/** Draws the life of a subscription out of the code's own table of transitions. Run by `npm run docs`. */
import { format, resolveConfig } from 'prettier';
import { endReasons, hoursKeptAfter } from '../domain/data-map/retention.ts';
import { erasedCategories } from '../domain/data-map/words.ts';
import {
  lifecycleEvents,
  nextState,
  tenantStates,
  transitions,
  type LifecycleEvent,
  type TenantState,
} from '../domain/lifecycle.ts';

/** The whole document, formatted as `file` has to be. */
export async function lifecycle(file: string): Promise<string> {
  const text = [introduction, diagram(), states(), events(), deletions(), rest];
  return format(text.join('\n\n'), { ...(await resolveConfig(file)), filepath: file });
}

const introduction = `# The life of a subscription

<!-- Generated from domain/lifecycle.ts by "npm run docs". Changes here are lost, and refused by a test. -->

A subscription at the marketplace is a tenant of ours, under the same id. Where it stands is kept in the table \`subscriptions\`;
whatever happens, the marketplace's own status is read anew and compared, so that webhooks that come late, twice, in another order
or not at all lead to the same state. State, plan, billing and what is due change in one transaction; the work that follows is
begun afterwards, and looked after each hour.`;

function diagram(): string {
  const arrows = Object.entries(transitions).flatMap(([from, leads]) =>
    Object.entries(leads).map(([event, to]) => `  ${from === 'unknown' ? '[*]' : from} --> ${to}: ${event}`),
  );
  return ['```mermaid', 'stateDiagram-v2', ...arrows, '  cancelled --> [*]: all is erased', '```'].join('\n');
}

const meanings: Record<TenantState, string> = {
  pending: 'Bought, and its activation asked for. Nothing is served yet.',
  active: 'Served, once both sides are connected.',
  suspended:
    'Not paid for. Presence Hub has left as if it had never been there (`leaveCleanly`); all that is stored is kept for 7 days, so that a reinstatement resumes without onboarding again.',
  lapsed: 'Suspended for 7 days: service data is erased. Reinstated now, the customer onboards anew.',
  cancelled: 'For good: who buys again has another subscription. What is stored is erased in its time.',
};

function states(): string {
  const rows = tenantStates.map((state) => {
    const leads = lifecycleEvents.flatMap((event) => {
      const next = nextState(state, event);
      return next === undefined ? [] : [`${event} → ${next}`];
    });
    return `| \`${state}\` | ${meanings[state]} | ${leads.join(', ') || 'none'} |`;
  });
  return ['## States', '', '| state | what it means | leads to |', '| --- | --- | --- |', ...rows].join('\n');
}

const causes: Record<LifecycleEvent, string> = {
  bought: 'the customer comes to the landing page and activates',
  paid: 'the marketplace says Subscribed',
  unpaid: 'the marketplace says Suspended',
  ended: 'the marketplace says Unsubscribed',
  timeUp: '7 days of suspension are over',
};

function events(): string {
  const rows = lifecycleEvents.map((event) => `| \`${event}\` | ${causes[event]} |`);
  return ['## Events', '', '| event | what it is |', '| --- | --- |', ...rows].join('\n');
}

function deletions(): string {
  const rows = erasedCategories.map((category) => {
    const times = endReasons.map((reason) => inWords(hoursKeptAfter(reason, category)));
    return `| ${category} data | ${times.join(' | ')} |`;
  });
  return [
    '## What is erased when',
    '',
    'Counted from when it happened at the marketplace, as far as its operation can be read; else from when we learned of it.',
    '',
    `| | ${endReasons.map((reason) => `after it is ${reason}`).join(' | ')} |`,
    '| --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function inWords(hours: number | undefined): string {
  if (hours === undefined) return 'no reason to erase it';
  return hours > 48 ? `${hours / 24} days` : `${hours} hours`;
}

const rest = `## Which orchestration does what

| orchestration | instance id | what it does |
| --- | --- | --- |
| \`activateSubscription\` | \`activation:{tenantId}\` | activates a purchase, and sees to it until it is active |
| \`handleMarketplaceOperation\` | \`operation:{operationId}\` | sees one webhook through: weighs, answers, applies |
| \`reconcileSubscriptions\` | \`reconcile:{day}\` | compares all with the marketplace's list once a day |
| \`onboardTenant\` | \`onboarding:{tenantId}\`, \`onboarding:{tenantId}:{version}\` | takes a tenant on; with a version, takes up again what that version has changed |
| \`suspendTenant\` | \`suspension:{tenantId}:{version}\` | leaves cleanly, waits until day 7 or until the subscription stands otherwise |
| \`cancelTenant\` | \`cancellation:{tenantId}\` | leaves cleanly, offers a copy, gives the consents back, waits for each deletion |
| \`leaveCleanly\` | \`exit:{tenantId}:{version}\` | takes back the presence we set on both sides, removes the vendor subscriptions, stops the outboxes |
| \`eraseTenantData\` | \`erasure:{tenantId}:{category}\` | erases a category by the data map, counts what is left, repeats until nothing is, signs a receipt |

A cancellation takes over from a suspension: its own times count then. Where the product's privacy policy and the marketplace's
guide differ, see [the decision](decisions/0013-the-policy-comes-before-the-marketplaces-grace.md).`;
