/**
 * Every operation of the store, used in all the ways that make it ask the database something different. Run in this order,
 * on one empty database; each entry calls its own operation alone.
 */
import { companyCopyParts } from '../../domain/company-copy.ts';
import { mostLogEntries } from '../../domain/customer-log.ts';
import { erasurePlan } from '../../domain/erasure-plan.ts';
import { tally } from '../../domain/rules-preview.ts';
import { defaultRules } from '../../domain/sync-rules.ts';
import type { Store } from '../../store/store.ts';
import { mostRulesVersions } from '../../store/sync-rules.ts';
import { aUser, many, now, otherId, tenantId } from './samples.ts';

type Repository = Exclude<keyof Store, 'close' | 'scrub'>;
type Operation = { [R in Repository]: `${R}.${keyof Store[R] & string}` }[Repository];

const soon = new Date(now.getTime() + 60_000);
const key = { tenantId, vendor: 'graph', shard: 0 } as const;
const subscription = { subscriptionId: 's-1', fingerprint: 'f-1', expiresAt: soon, renewedAt: now };
const request = {
  requestId: '7d1f6a8e-4d5f-4c8a-9a52-3d6f0a3f1c11',
  kind: 'copy',
  userId: null,
  status: 'open',
  requestedAt: now,
  dueAt: soon,
  finishedAt: null,
} as const;
const event = {
  eventId: 'e-1',
  kind: 'purchased',
  planId: 'pro',
  quantity: 5,
  termUnit: 'P1M',
  purchaser: { mail: 'buyer@example.com', objectId: null },
  happenedAt: now,
};
const noted = { eventId: 'e-2', termUnit: 'P1M', purchaser: event.purchaser };
const receipt = {
  sequence: 1,
  body: '{}',
  previousHash: '',
  hash: 'h-1',
  signature: 's-1',
  claimHash: 'c-1',
  issuedAt: now,
};
const erasedTables = (['service', 'licence', 'billing'] as const).flatMap(
  (category) => erasurePlan(tenantId, category).tables,
);
const trial = { askedAt: now.toISOString(), rules: defaultRules };
const attempts = [{ targetId: 'ada', revision: 1 }];

const figures = { delays: [1200], refused: 1, overdue: 0 };
const readScope = { tenantId, side: 'teams', shard: 0 } as const;

/** As of a row of any table. */
const anyKey = {
  user_id: 'ada',
  extension_id: '101',
  side: 'teams',
  hour: now.toISOString(),
  target_id: 'ada',
  vendor: 'graph',
  shard: 0,
  event_id: 'e-1',
  request_id: 'r-1',
  category: 'licence',
  sequence: 1,
  version: 1,
};

export const everyOperation: Record<Operation, (store: Store) => Promise<unknown>> = {
  'tenants.add': ({ tenants }) =>
    tenants.add({ tenantId, microsoftTenantId: 'm', ringCentralAccountId: 'r' }, now),
  'tenants.find': ({ tenants }) => tenants.find(tenantId),
  'tenants.ids': ({ tenants }) => tenants.ids(),

  'serviceUsers.save': async ({ serviceUsers }) => {
    await serviceUsers.save(tenantId, [{ shard: 0, userId: 'ada', connectedAt: now }]);
    await serviceUsers.save(tenantId, [{ shard: 0, userId: 'bob', connectedAt: now }]);
  },
  'serviceUsers.all': ({ serviceUsers }) => serviceUsers.all(tenantId),

  'users.upsert': async ({ users }) => {
    await users.upsert(tenantId, [aUser('ada'), aUser('bob')], now);
    await users.upsert(tenantId, [aUser('ada', { mail: null })], now);
  },
  'users.page': ({ users }) => users.page(tenantId, 0, 10),
  'users.find': ({ users }) => users.find(tenantId, ['ada', 'bob']),
  'users.census': ({ users }) => users.census(tenantId, 1),
  'users.removeUnseen': ({ users }) => users.removeUnseen(otherId, 1),
  'users.remove': ({ users }) => users.remove(tenantId, ['ada']),

  'extensions.upsert': async ({ extensions }) => {
    const extension = { extensionId: '101', name: 'Ada', mail: null, phone: null };
    await extensions.upsert(tenantId, [{ ...extension, extensionNumber: '1' }], now);
    await extensions.upsert(tenantId, [{ ...extension, extensionNumber: null }], now);
  },
  'extensions.page': ({ extensions }) => extensions.page(tenantId, 0, 10),
  'extensions.find': ({ extensions }) => extensions.find(tenantId, ['101']),
  'extensions.census': ({ extensions }) => extensions.census(tenantId, 1),
  'extensions.removeUnseen': ({ extensions }) => extensions.removeUnseen(otherId, 1),
  'extensions.remove': ({ extensions }) => extensions.remove(tenantId, ['101']),

  'mappings.add': ({ mappings }) =>
    mappings.add(tenantId, [{ userId: 'ada', extensionId: '101', shard: 0 }], now),
  'mappings.seat': async ({ mappings }) => {
    await mappings.seat(tenantId, 0);
    await mappings.seat(tenantId, null);
  },
  'mappings.page': ({ mappings }) => mappings.page(tenantId, 0, 10),
  'mappings.ofUsers': ({ mappings }) => mappings.ofUsers(tenantId, ['ada']),
  'mappings.shards': ({ mappings }) => mappings.shards(tenantId),

  'directorySyncs.begin': async ({ directorySyncs }) => {
    await directorySyncs.begin(tenantId, now);
    await directorySyncs.begin(tenantId, now);
  },
  'directorySyncs.request': ({ directorySyncs }) => directorySyncs.request(tenantId, soon),
  'directorySyncs.noteUsers': ({ directorySyncs }) =>
    directorySyncs.noteUsers(tenantId, 2, { usersLink: '/users/delta?$skiptoken=x', usersWholeSince: 2 }),
  'directorySyncs.end': ({ directorySyncs }) =>
    directorySyncs.end(tenantId, 2, { outcome: 'failed', code: 'x', at: now }),
  'directorySyncs.find': ({ directorySyncs }) => directorySyncs.find(tenantId),

  'placements.place': async ({ placements }) => {
    const ada = { userId: 'ada', extensionId: '101', shard: 0 };
    await placements.place(tenantId, [ada], { seats: null, at: now });
    await placements.place(tenantId, [{ ...ada, extensionId: '102' }], { seats: null, at: now });
    await placements.place(tenantId, [{ ...ada, userId: 'bob', shard: 1 }], { seats: null, at: now });
  },
  'placements.unenrolled': ({ placements }) => placements.unenrolled(tenantId, 10),
  'placements.noteEnrolled': ({ placements }) =>
    placements.noteEnrolled(tenantId, [{ userId: 'bob', extensionId: '101' }]),
  'placements.departures': ({ placements }) => placements.departures(tenantId, 10),
  'placements.forget': ({ placements }) => placements.forget(tenantId, { userId: 'ada', extensionId: '102' }),

  'seated.page': ({ seated }) => seated.page(tenantId, 0, 10),
  'seated.after': ({ seated }) => seated.after(tenantId, '', 10),
  'seated.ofShard': ({ seated }) => seated.ofShard(tenantId, 0),
  'seated.ofExtension': ({ seated }) => seated.ofExtension(tenantId, '101'),
  'seated.ofExtensions': ({ seated }) => seated.ofExtensions(tenantId, ['101']),
  'seated.ofUsers': ({ seated }) => seated.ofUsers(tenantId, ['ada']),

  'syncRules.save': async ({ syncRules }) => {
    await syncRules.save(tenantId, defaultRules, { at: now });
    await syncRules.save(tenantId, { ...defaultRules, wrapUpSeconds: 5 }, { after: 1, at: now });
    for (let seconds = 0; seconds < mostRulesVersions; seconds += 1) {
      await syncRules.save(otherId, { ...defaultRules, wrapUpSeconds: seconds }, { at: now });
    }
  },
  'syncRules.newest': ({ syncRules }) => syncRules.newest(tenantId),
  'syncRules.find': ({ syncRules }) => syncRules.find(tenantId, 1),
  'syncRules.versions': ({ syncRules }) => syncRules.versions(tenantId),
  'syncRules.noteApplied': ({ syncRules }) => syncRules.noteApplied(tenantId, 2),

  'ruleExceptions.save': async ({ ruleExceptions }) => {
    await ruleExceptions.save(tenantId, 'ada', { direction: 'none' }, now);
    await ruleExceptions.save(tenantId, 'ada', { direction: 'both' }, now);
  },
  'ruleExceptions.all': ({ ruleExceptions }) => ruleExceptions.all(tenantId),
  'ruleExceptions.ofUsers': ({ ruleExceptions }) => ruleExceptions.ofUsers(tenantId, ['ada']),
  'ruleExceptions.remove': ({ ruleExceptions }) => ruleExceptions.remove(tenantId, 'ada', now),

  'rulePreviews.begin': ({ rulePreviews }) => rulePreviews.begin(tenantId, trial),
  'rulePreviews.find': ({ rulePreviews }) => rulePreviews.find(tenantId),
  'rulePreviews.savePage': async ({ rulePreviews }) => {
    const page = { page: 0, ...tally([]), isLast: false };
    await rulePreviews.savePage(tenantId, trial.askedAt, page);
    await rulePreviews.savePage(tenantId, trial.askedAt, { ...page, isLast: true });
  },
  'rulePreviews.pages': ({ rulePreviews }) => rulePreviews.pages(tenantId, trial.askedAt),
  'rulePreviews.remove': ({ rulePreviews }) => rulePreviews.remove(tenantId, trial.askedAt),

  'licences.save': async ({ licences }) => {
    await licences.save(tenantId, { planId: 'pro', quantity: 5, assigned: 0 }, now);
    await licences.save(tenantId, { planId: 'pro', quantity: 5, assigned: 1 }, now);
  },
  'licences.noteAssigned': ({ licences }) => licences.noteAssigned(tenantId, 2, now),
  'licences.find': ({ licences }) => licences.find(tenantId),

  'billingEvents.add': async ({ billingEvents }) => {
    await billingEvents.add(tenantId, event);
    await billingEvents.add(tenantId, { ...event, quantity: 6 });
  },
  'billingEvents.all': ({ billingEvents }) => billingEvents.all(tenantId),

  'customerLog.append': async ({ customerLog }) => {
    const happening = { kind: 'peopleEnrolled', people: 3 } as const;
    // One more than is kept.
    await customerLog.append(
      tenantId,
      many(mostLogEntries + 1, (once) => ({ happening, at: now, once })),
    );
  },
  'customerLog.page': async ({ customerLog }) => {
    await customerLog.page(tenantId, { size: 10 });
    await customerLog.page(tenantId, { before: 2, size: 10 });
  },

  'copies.rows': async ({ copies }) => {
    for (const table of companyCopyParts().tables) {
      await copies.rows(tenantId, table, { size: 10 });
      await copies.rows(tenantId, table, { after: anyKey as never, size: 10 });
    }
  },

  'dataRequests.save': async ({ dataRequests }) => {
    await dataRequests.save(tenantId, request);
    await dataRequests.save(tenantId, { ...request, status: 'done', finishedAt: soon });
  },
  'dataRequests.find': ({ dataRequests }) => dataRequests.find(tenantId, request.requestId),
  'dataRequests.all': ({ dataRequests }) => dataRequests.all(tenantId),

  'dueDeletions.set': async ({ dueDeletions }) => {
    await dueDeletions.set(tenantId, { category: 'service', reason: 'suspended', dueAt: soon });
    await dueDeletions.set(tenantId, { category: 'service', reason: 'cancelled', dueAt: now });
  },
  'dueDeletions.of': ({ dueDeletions }) => dueDeletions.of(tenantId),
  'dueDeletions.due': async ({ dueDeletions }) => {
    const [first] = await dueDeletions.due(soon, 10);
    await dueDeletions.due(soon, 10, first);
  },
  'dueDeletions.clear': ({ dueDeletions }) =>
    dueDeletions.clear(tenantId, { category: 'service', dueAt: now }),

  'erasureReceipts.append': ({ erasureReceipts }) => erasureReceipts.append(receipt),
  'erasureReceipts.newest': ({ erasureReceipts }) => erasureReceipts.newest(),
  'erasureReceipts.ofClaim': ({ erasureReceipts }) => erasureReceipts.ofClaim('c-1'),
  'erasureReceipts.page': ({ erasureReceipts }) => erasureReceipts.page(0, 10),

  'subscriptions.change': async ({ subscriptions }) => {
    const plan = { planId: 'pro', quantity: 5 };
    await subscriptions.change(tenantId, { event: 'paid', plan, at: now }, noted);
    await subscriptions.change(tenantId, { event: 'unpaid', plan, at: now }, noted);
    await subscriptions.change(tenantId, { event: 'paid', plan: { ...plan, quantity: 6 }, at: now }, noted);
    await subscriptions.change(tenantId, { event: 'ended', plan, at: now }, noted);
  },
  'subscriptions.find': ({ subscriptions }) => subscriptions.find(tenantId),
  'subscriptions.unbegun': ({ subscriptions }) => subscriptions.unbegun(10),
  'subscriptions.markBegun': ({ subscriptions }) => subscriptions.markBegun(tenantId, 1),
  'subscriptions.beginErasure': async ({ subscriptions }) => {
    await subscriptions.change(
      otherId,
      { event: 'unpaid', plan: { planId: 'pro', quantity: 5 }, at: now },
      noted,
    );
    const later = new Date(now.getTime() + 100 * 86_400_000);
    await subscriptions.beginErasure(otherId, 'service', later);
    await subscriptions.change(otherId, { event: 'ended', plan: undefined, at: now }, noted);
    await subscriptions.beginErasure(otherId, 'billing', later);
  },

  'tenantRows.count': async ({ tenantRows }) => {
    for (const table of erasedTables) await tenantRows.count(tenantId, table);
  },
  'tenantRows.tenantIds': ({ tenantRows }) => tenantRows.tenantIds(),
  'tenantRows.erase': async ({ tenantRows }) => {
    for (const table of erasedTables) await tenantRows.erase(otherId, table);
  },

  'leases.acquire': async ({ leases }) => {
    await leases.acquire(tenantId, 'microsoft', 'worker-1', { now, seconds: 60 });
    await leases.acquire(tenantId, 'microsoft', 'worker-1', { now, seconds: 60 });
  },
  'leases.release': ({ leases }) => leases.release(tenantId, 'microsoft', 'worker-1'),

  'vendorSubscriptions.save': async ({ vendorSubscriptions }) => {
    await vendorSubscriptions.save(key, subscription, undefined);
    await vendorSubscriptions.save(key, { ...subscription, fingerprint: 'f-2' }, undefined);
  },
  'vendorSubscriptions.find': ({ vendorSubscriptions }) => vendorSubscriptions.find(key),
  'vendorSubscriptions.keys': ({ vendorSubscriptions }) => vendorSubscriptions.keys(tenantId),
  'vendorSubscriptions.noteAttention': ({ vendorSubscriptions }) =>
    vendorSubscriptions.noteAttention(key, 's-1', 'missed'),
  'vendorSubscriptions.clearAttention': ({ vendorSubscriptions }) =>
    vendorSubscriptions.clearAttention(key, 'missed'),
  'vendorSubscriptions.remove': ({ vendorSubscriptions }) => vendorSubscriptions.remove(key),

  'deliveryAttempts.begin': async ({ deliveryAttempts }) => {
    await deliveryAttempts.begin(tenantId, 'teams', attempts);
    await deliveryAttempts.begin(tenantId, 'teams', [{ targetId: 'ada', revision: 2 }]);
  },
  'convergence.add': async ({ convergence }) => {
    await convergence.add(tenantId, 'teams', { id: 'b-1', figures, at: now });
    await convergence.add(tenantId, 'teams', { id: 'b-2', figures, at: now });
  },
  'convergence.since': ({ convergence }) => convergence.since(tenantId, now),
  'resyncs.turn': async ({ resyncs }) => {
    await resyncs.turn(readScope, { asked: now, now });
    await resyncs.turn(readScope, { asked: soon, now });
  },
  'resyncs.isPaused': ({ resyncs }) => resyncs.isPaused(readScope, now),
  'resyncs.pause': ({ resyncs }) => resyncs.pause(readScope, soon),
  'deliveryAttempts.forget': ({ deliveryAttempts }) => deliveryAttempts.forget(otherId, 'teams', ['ada']),
};
