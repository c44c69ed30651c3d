/** What a webhook subscription may ask for, what its owner may not see, and how it reads in answers. */
import { z } from 'zod';
import type { Directory } from './directory.ts';
import { invalidParameters, refused } from './errors.ts';
import { parseFilter, type EventFilter } from './event-filters.ts';
import { hasScope, type Caller } from './gate.ts';
import type { DisabledFilter, Extension, Subscription } from './model.ts';
import { namesOfIssues } from './presence-update.ts';

const defaultExpiresIn = 604_800;
/** Seconds; ten years, the longest a webhook may live (API reference, POST subscription). */
const expiresIn = z.int().min(1).max(315_360_000);
const eventFilters = z.array(z.string()).min(1);

const creationSchema = z.strictObject({
  eventFilters,
  expiresIn: expiresIn.default(defaultExpiresIn),
  deliveryMode: z.strictObject({
    transportType: z.literal('WebHook'),
    address: z.url(),
    verificationToken: z.string().min(1).optional(),
    /** Known, and without any effect here: a well-known trap, since the default of 7 days then applies. */
    expiresIn: z.number().optional(),
  }),
});
const updateSchema = z.strictObject({
  eventFilters: eventFilters.optional(),
  expiresIn: expiresIn.optional(),
});

export type SubscriptionRequest = z.output<typeof creationSchema>;
export type SubscriptionUpdate = z.output<typeof updateSchema>;

/** @throws 400 CMN-101 that names each bad field */
export function parseSubscription(body: unknown): SubscriptionRequest {
  const parsed = creationSchema.safeParse(body);
  if (!parsed.success) throw invalidParameters(...namesOfIssues(parsed.error));
  return parsed.data;
}

/** Address and token cannot be changed; no body at all only renews. @throws 400 CMN-101 that names each bad field */
export function parseUpdate(body: unknown): SubscriptionUpdate {
  const parsed = updateSchema.safeParse(body ?? {});
  if (!parsed.success) throw invalidParameters(...namesOfIssues(parsed.error));
  return parsed.data;
}

export function subscriptionKey({ accountId, id }: Pick<Subscription, 'accountId' | 'id'>): string {
  return `${accountId}/${id}`;
}

export function isActive(subscription: Subscription, now: number): boolean {
  return subscription.blacklisted === undefined && now < subscription.expiresAt;
}

/** The filters in force, read again. */
export function filtersOf(subscription: Subscription): EventFilter[] {
  return subscription.eventFilters.flatMap((text) => parseFilter(text, subscription) ?? []);
}

interface JudgedFilters {
  readonly eventFilters: readonly string[];
  readonly disabledFilters: readonly DisabledFilter[];
}

/**
 * Sorts filters in those that work and those that their owner may not use. A subscription with some of each comes about,
 * with the latter under `disabledFilters`.
 * @throws 400 SUB-508 for what is no filter; 403 SUB-406 for another account's, SUB-515 for reminders only,
 *   or the first one's code when all are disabled
 */
export function judgeFilters(texts: readonly string[], caller: Caller, directory: Directory): JudgedFilters {
  const owner = caller.extension;
  const filters = texts.map((text) => parseFilter(text, owner));
  const invalid = texts.filter((_, index) => filters[index] === undefined);
  if (invalid.length > 0) throw refused(400, 'SUB-508', `Invalid event filters: [${invalid.join(', ')}]`);
  const known = filters.filter((filter) => filter !== undefined);
  if (known.some((filter) => filter.accountId !== owner.accountId)) {
    throw refused(403, 'SUB-406', 'Not allowed subscribe for events to extensions of other account');
  }
  if (known.every((filter) => filter.kind === 'reminder')) {
    throw refused(400, 'SUB-515', 'A subscription cannot consist of reminders only');
  }
  const judged = known.map((filter) => ({ filter, objection: objectionTo(filter, caller, directory) }));
  const works = judged.filter(({ objection }) => objection === undefined).map(({ filter }) => filter);
  const first = judged.find(({ objection }) => objection !== undefined)?.objection;
  if (first !== undefined && works.every((filter) => filter.kind === 'reminder')) {
    throw refused(403, first.reason, first.message);
  }
  return {
    eventFilters: works.map((filter) => filter.text),
    disabledFilters: judged.flatMap(({ filter, objection }) =>
      objection === undefined ? [] : [{ filter: filter.text, ...objection }],
    ),
  };
}

type Objection = Omit<DisabledFilter, 'filter'>;

function objectionTo(filter: EventFilter, caller: Caller, directory: Directory): Objection | undefined {
  if (filter.kind === 'reminder') return undefined;
  const scope = scopeOf(filter);
  if (!hasScope(caller.session, scope)) {
    return { reason: 'CMN-401', message: `Application needs to have [${scope}] permission` };
  }
  const { extensionId } = filter;
  if (extensionId === caller.extension.extensionId) return undefined;
  if (!caller.extension.admin) {
    return { reason: 'CMN-408', message: 'User needs to have permission for requested resource' };
  }
  if (extensionId === undefined) return undefined;
  const extension = directory.extensions(filter.accountId).find((each) => each.extensionId === extensionId);
  return extension === undefined
    ? { reason: 'SUB-408', message: 'Not allowed subscribe for unknown user' }
    : objectionToWatching(filter, extension);
}

function objectionToWatching(filter: EventFilter, extension: Extension): Objection | undefined {
  if (filter.kind === 'extension') return undefined;
  if (extension.type !== 'User') {
    return { reason: 'SUB-402', message: 'Presence feature is disabled for this extension type' };
  }
  if (extension.presence.allowSeeMyPresence) return undefined;
  return { reason: 'SUB-403', message: 'User disallowed to monitor his presence' };
}

/** Source: RingCentral developer guide, "Event filters". */
function scopeOf(filter: EventFilter): string {
  return filter.kind === 'presence' && filter.extensionId !== undefined ? 'ReadPresence' : 'ReadAccounts';
}

/** SubscriptionInfo of the API reference; the verification token is never shown again. */
export function describeSubscription(
  subscription: Subscription,
  origin: string,
  now: number,
): Record<string, unknown> {
  const { id, blacklisted, disabledFilters } = subscription;
  return {
    uri: `${origin}/restapi/v1.0/subscription/${id}`,
    id,
    creationTime: new Date(subscription.createdAt).toISOString(),
    status: blacklisted === undefined ? 'Active' : 'Blacklisted',
    eventFilters: subscription.eventFilters,
    ...(disabledFilters.length > 0 ? { disabledFilters } : {}),
    expirationTime: new Date(subscription.expiresAt).toISOString(),
    expiresIn: Math.max(0, Math.floor((subscription.expiresAt - now) / 1000)),
    deliveryMode: { transportType: 'WebHook', encryption: false, address: subscription.address },
    ...(blacklisted === undefined
      ? {}
      : {
          blacklistedData: {
            blacklistedAt: new Date(blacklisted.at).toISOString(),
            reason: blacklisted.reason,
          },
        }),
  };
}
