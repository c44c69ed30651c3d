/** The durable part of the data map: entities, orchestrations, the queues, and what the host keeps. */
import { finishedHistoryHours } from './retention.ts';
import type { Erasure, Limit, Place } from './words.ts';

const where = 'Azure Storage (Durable Functions task hub)';
const untilErasure: Limit = { by: 'category' };

const ofEntity = { category: 'service', where, kept: [untilErasure] } as const;
const withKey = (key: string): Erasure => ({ by: 'entityPurge', key });

export const entities = {
  tenant: {
    ...ofEntity,
    whose: ['company'],
    what: 'whether the company is served, how its two connections are, its number of seats',
    why: 'so that nothing is asked of a vendor without consent',
    holds: ['companyId'],
    erased: withKey('{tenantId}'),
    copied: { into: ['company'] },
  },
  userPresence: {
    ...ofEntity,
    whose: ['person'],
    what: "a person's presence as last seen on each side, what we hold there and why, what stood there before, and the last 20 steps of it",
    why: 'so that each side shows what the other does, gets its own back afterwards, and can be explained',
    holds: ['companyId', 'directoryId', 'vendorId', 'presence'],
    erased: withKey('{tenantId}:{userId}'),
    copied: { into: ['company', 'person'] },
  },
  presenceOutbox: {
    ...ofEntity,
    kept: [
      {
        by: 'use',
        until: 'the side shows it, or refuses it; of what stands because of us, until it is taken back',
      },
      untilErasure,
    ],
    whose: ['person'],
    what: 'the newest presence that is to be written for a person, and for whom something of ours stands, since when',
    why: "so that writes keep to the vendor's pace, and what stands is set again before it runs out",
    holds: ['companyId', 'directoryId', 'vendorId', 'presence'],
    erased: withKey('{tenantId}:{side}'),
    copied: { into: ['company', 'person'] },
  },
} as const satisfies Record<string, Place>;

const { completed, failed } = finishedHistoryHours;
const finished: readonly [Limit, Limit, Limit] = [
  { by: 'age', hours: completed, since: 'it was started, once it has ended well' },
  { by: 'age', hours: failed, since: 'it was started, once it has failed or been terminated' },
  untilErasure,
];

const ofOrchestration = {
  category: 'service',
  where,
  copied: {
    into: 'none',
    why: 'it holds ids, counts and codes, which the copy has from where they come from',
  },
} as const;
/** It outlives the service data whose end it brings about, and holds nothing of anybody but the tenant's id. */
const ofLifecycle = {
  ...ofOrchestration,
  category: 'billing',
  whose: ['company'],
  holds: ['companyId'],
  kept: finished,
} as const satisfies Partial<Place>;
const withIds = (...ids: string[]): Erasure => ({ by: 'instancePurge', ids });

/** What an orchestration holds is in its input, its history and its status: those of its activities included. */
export const orchestrations = {
  onboardTenant: {
    ...ofOrchestration,
    whose: ['person'],
    what: 'how a company is taken on: pages of people, by the last of each, and counts',
    why: 'so that taking a company on survives any failure',
    holds: ['companyId', 'directoryId'],
    kept: finished,
    erased: withIds('onboarding:{tenantId}', 'onboarding:{tenantId}:{version}'),
  },
  leaveCleanly: {
    ...ofOrchestration,
    // It belongs to what ends a subscription, and the traces of that go last.
    category: 'billing',
    whose: ['company'],
    what: 'how we leave a company: counts of people and of what is still under way',
    why: 'so that nothing of ours stays at the vendors',
    holds: ['companyId'],
    kept: finished,
    erased: withIds('exit:{tenantId}:{version}'),
  },
  tendTenant: {
    ...ofOrchestration,
    whose: ['company'],
    what: 'the nightly look at a company',
    why: 'so that what was missed is made up for',
    holds: ['companyId'],
    kept: finished,
    erased: withIds('tending:{tenantId}:{at}'),
  },
  syncDirectory: {
    ...ofOrchestration,
    whose: ['company'],
    what: 'a reading of both directories: page numbers, codes and counts, never what was read',
    why: 'so that who joins is looked after, and who leaves is let go of',
    holds: ['companyId'],
    kept: finished,
    erased: withIds('directory:{tenantId}', 'directory:{tenantId}:{at}'),
  },
  letPeopleGo: {
    ...ofOrchestration,
    whose: ['company'],
    what: 'the end of looking after people who have left: how many there are still',
    why: 'so that nothing of ours stays with them',
    holds: ['companyId'],
    kept: finished,
    erased: withIds('departures:{tenantId}'),
  },
  keepGraphSubscribed: {
    ...ofOrchestration,
    whose: ['company'],
    what: 'the upkeep of a webhook subscription: expiry times and codes',
    why: 'so that Microsoft tells us of changes',
    holds: ['companyId'],
    kept: [untilErasure],
    erased: withIds('graph:{tenantId}:{shard}'),
  },
  keepRingCentralSubscribed: {
    ...ofOrchestration,
    whose: ['company'],
    what: 'the upkeep of a webhook subscription: expiry times and codes',
    why: 'so that RingCentral tells us of changes',
    holds: ['companyId'],
    kept: [untilErasure],
    erased: withIds('ringcentral:{tenantId}'),
  },
  applyRules: {
    ...ofOrchestration,
    whose: ['person'],
    what: 'a change of the rules on its way to people: the number of the change, never a rule; whom an exception is for, or the last person of each page',
    why: 'so that rules hold for everybody whatever fails',
    holds: ['companyId', 'directoryId'],
    kept: finished,
    erased: withIds('rules:{tenantId}:{number}', 'exception:{tenantId}:{number}'),
  },
  keepQuietHours: {
    ...ofOrchestration,
    whose: ['person'],
    what: 'when quiet hours begin and end, and the last person of each page of people who were told so',
    why: 'so that nothing is held in quiet hours',
    holds: ['companyId', 'directoryId'],
    kept: [untilErasure],
    erased: withIds('quiet:{tenantId}'),
  },
  previewRules: {
    ...ofOrchestration,
    whose: ['company'],
    what: 'a trial of rules: pages of people, by their numbers, never a rule',
    why: 'so that rules can be tried before they hold',
    holds: ['companyId'],
    kept: finished,
    erased: withIds('preview:{tenantId}:{at}'),
  },
  resyncPresence: {
    ...ofOrchestration,
    whose: ['person'],
    what: 'a reading of presence: whom to read, never what was read',
    why: 'so that a gap in what the vendors tell is closed',
    holds: ['companyId', 'directoryId'],
    kept: finished,
    erased: withIds('resync:{tenantId}:{side}:{at}', 'read:{tenantId}:{unique}'),
  },
  probePresence: {
    ...ofOrchestration,
    whose: ['person'],
    what: 'the look whether a webhook subscription still tells of changes: of whom one was not told, never what it was',
    why: 'so that a subscription that has gone silent is noticed',
    holds: ['companyId', 'directoryId'],
    kept: [untilErasure],
    erased: withIds('probe:{tenantId}:{side}:{shard}'),
  },
  deliverPresence: {
    ...ofOrchestration,
    whose: ['person'],
    what: 'a delivery of writes: whom they address, their numbers and how they ended, never what was written',
    why: 'so that no write is lost',
    holds: ['companyId', 'directoryId', 'vendorId'],
    kept: finished,
    erased: withIds('deliver:{tenantId}:{side}:{epoch}'),
  },
  renewHolds: {
    ...ofOrchestration,
    whose: ['company'],
    what: 'an alarm: when the first hold of a company is about to run out in Teams',
    why: 'so that what we show outlasts long calls',
    holds: ['companyId'],
    kept: finished,
    erased: withIds('renewal:{tenantId}:{alarm}'),
  },
  handleMarketplaceOperation: {
    ...ofOrchestration,
    whose: ['company'],
    what: 'a webhook of the marketplace: which operation of which subscription',
    why: 'so that every change of a subscription is carried out once, whatever fails',
    holds: ['companyId'],
    kept: finished,
    erased: {
      by: 'ageing',
      why: 'its id is the operation’s; it ends within a day, and goes a day later at the latest',
    },
  },
  activateSubscription: {
    ...ofLifecycle,
    what: 'a purchase on its way to being active',
    why: 'so that an activation survives any failure',
    erased: withIds('activation:{tenantId}'),
  },
  reconcileSubscriptions: {
    ...ofOrchestration,
    category: 'none',
    whose: ['nobody'],
    what: "the daily comparison with the marketplace's list: counts of subscriptions",
    why: 'so that a lost webhook is made up for',
    holds: [],
    kept: finished,
    erased: { by: 'nothing', why: 'it holds counts only' },
  },
  suspendTenant: {
    ...ofLifecycle,
    what: 'a suspension: when it began and until when data is kept',
    why: 'so that data is erased in time, or not at all when the subscription is reinstated',
    erased: withIds('suspension:{tenantId}:{entered}'),
  },
  cancelTenant: {
    ...ofLifecycle,
    what: 'a cancellation, and when which data is erased',
    why: 'so that data is erased in time',
    erased: withIds('cancellation:{tenantId}'),
  },
  exportCopy: {
    ...ofOrchestration,
    whose: ['company'],
    what: 'the making of a copy that a company has asked for: whether it was written, and its size',
    why: 'so that the copy is made whatever fails',
    holds: ['companyId'],
    kept: finished,
    erased: withIds('export:{tenantId}'),
  },
  eraseTenantData: {
    ...ofOrchestration,
    // It outlives the service data that it erases, and goes with the last of the tenant.
    category: 'billing',
    whose: ['company'],
    what: 'the erasure of a category of data: counts, and how it goes on',
    why: 'so that what is due is erased whatever fails',
    holds: ['companyId'],
    kept: finished,
    erased: withIds('erasure:{tenantId}:{category}'),
  },
} as const satisfies Record<string, Place>;

export const hosting = {
  'queue:taskHub': {
    category: 'service',
    whose: ['person'],
    what: 'messages under way to orchestrations, entities and activities, large ones as blobs beside the queues',
    why: 'so that nothing that was taken on is lost',
    where,
    holds: ['companyId', 'directoryId', 'vendorId', 'presence'],
    kept: [{ by: 'use', until: 'it is handled, as a rule within a second' }],
    erased: { by: 'addressee' },
    copied: { into: 'none', why: 'gone before it could be read' },
  },
  'host:storage': {
    category: 'none',
    whose: ['nobody'],
    what: 'when timers are due, and which worker holds which lock',
    why: 'so that work is done once',
    where,
    holds: [],
    kept: [{ by: 'nothing', why: 'it is about our workers' }],
    erased: { by: 'nothing', why: 'it is about our workers' },
    copied: { into: 'none', why: 'it is about no customer' },
  },
  'host:keys': {
    category: 'none',
    whose: ['nobody'],
    what: "the Functions host's access keys",
    why: 'so that only operators reach what is theirs',
    where: 'Azure Functions',
    holds: ['ownSecret'],
    kept: [{ by: 'nothing', why: 'they are replaced, not kept for a time' }],
    erased: { by: 'nothing', why: 'they are ours' },
    copied: { into: 'none', why: 'they are ours' },
  },
} as const satisfies Record<string, Place>;
