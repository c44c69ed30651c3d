/**
 * What telemetry may say: the one list of events and metrics, and the door that lets nothing else through. No field is
 * free text, so that neither the types nor the door take an id, a name or a payload; whom a record is about is said
 * beside it, and leaves the process only as a keyed pseudonym (docs/decisions/0009-telemetry-without-identifiers.md).
 */
import { z } from 'zod';
import { erasedCategories } from './data-map/words.ts';
import { refusalSchema } from './plan-refusal.ts';
import { sideSchema } from './presence.ts';
import { billingKinds } from './subscription.ts';
import {
  activityNameSchema,
  errorKindSchema,
  operationGroupSchema,
  outcomeSchema,
  vendorCodeSchema,
  vendorSchema,
} from './telemetry-words.ts';

/** How many. Bounded, so that no phone number or extension id passes for an amount. */
const amount = z.int().min(0).max(1_000_000);

const erasedCategory = z.enum(erasedCategories);

type Plain = typeof amount | typeof vendorCodeSchema | z.ZodBoolean | z.ZodEnum;
type Shape = Record<string, Plain | z.ZodOptional<Plain>>;
export type Severity = 'information' | 'warning' | 'error';

const information = <const S extends Shape>(shape: S) => ({ severity: 'information', shape }) as const;
const warning = <const S extends Shape>(shape: S) => ({ severity: 'warning', shape }) as const;
const error = <const S extends Shape>(shape: S) => ({ severity: 'error', shape }) as const;

const events = {
  /** An activity threw; its retry policy goes on. */
  activityFailed: error({ activity: activityNameSchema, kind: errorKindSchema }),
  /** All retries are used up; what runs for ever tries again later. */
  activityKeepsFailing: error({ activity: activityNameSchema }),
  connectionMade: information({ side: sideSchema }),
  /** The customer has to connect again. */
  connectionLost: warning({ side: sideSchema, code: vendorCodeSchema.optional() }),
  /** A subscription cannot be looked after as it should. */
  subscriptionTrouble: warning({ side: sideSchema, code: vendorCodeSchema }),
  /** Presence could not be read, and will not be tried again by itself. */
  readGivenUp: warning({ side: sideSchema, code: vendorCodeSchema }),
  /** A directory could not be read, for an hour or at all; it is tried again the next night. */
  directoryUnread: warning({ side: sideSchema, code: vendorCodeSchema }),
  /** So many of a customer's people would leave at once that nobody was let go of; the next reading decides. */
  departuresHeld: warning({ count: amount }),
  /** A write that was not done. Those that were are only counted. */
  presenceNotWritten: warning({
    side: sideSchema,
    result: z.enum(['rejected', 'retry', 'unsent']),
    code: vendorCodeSchema.optional(),
  }),
  /** A customer has left, and on this side something of ours may still be shown: the vendor was away too long, or consent gone. */
  leftBehind: warning({ side: sideSchema, reason: z.enum(['consentRevoked', 'unavailable']), count: amount }),
  /** So many people of a batch wait longer than promised for a change to show on this side. */
  notConverged: warning({ side: sideSchema, count: amount }),
  /** How long changes took is not kept for the customer: the store was away. */
  figuresNotKept: error({ kind: errorKindSchema }),
  /** A vendor's subscription stood, and told nothing of what had changed: it is made anew. `count` is of how many we know. */
  subscriptionSilent: warning({ side: sideSchema, count: amount }),
  /** A probe has found people whose change was not told, while others' were; they are read. */
  changesUntold: warning({ side: sideSchema, count: amount }),
  deliveryNotStarted: error({ side: sideSchema, kind: errorKindSchema }),
  /** An entity was told something it does not understand; `faults` counts the fields at fault. */
  operationIgnored: warning({
    entity: z.enum(['tenant', 'userPresence', 'presenceOutbox']),
    faults: amount,
  }),
  /** The customer log lacks an entry: the store was away, and the effect it tells of is done. */
  customerNotTold: error({ kind: errorKindSchema }),
  /** A RingCentral event came while the store was away; everybody is read instead. */
  eventUnplaced: error({ kind: errorKindSchema }),
  /** What a customer has bought is no plan of the catalogue: its quantity counts, and without one there is no limit. */
  planUnknown: warning({}),
  keeperNotNudged: warning({ kind: errorKindSchema }),
  tenantNotTended: error({ kind: errorKindSchema }),
  subscriptionChanged: information({ change: z.enum(billingKinds) }),
  /** A change that the customer asked for at the marketplace and we could not carry out. */
  operationRefused: warning({ reason: refusalSchema }),
  /** A webhook's operation could not be seen through for a day; the daily comparison makes up for it. */
  operationGivenUp: error({ activity: activityNameSchema }),
  /** A subscription that stood otherwise at the marketplace than with us: a webhook was lost. */
  subscriptionRepaired: warning({ change: z.enum(billingKinds) }),
  subscriptionNotCompared: error({ kind: errorKindSchema }),
  /** Work of the lifecycle that a worker had begun and not noted, or not begun. */
  workNotBegun: error({ kind: errorKindSchema }),
  /** A customer's request was answered by a refusal, because the store, the storage or the durable side was away. */
  customerNotAnswered: error({ kind: errorKindSchema }),
  /** A round of an erasure has left something, or it was due more than an hour ago. */
  erasureLate: error({ category: erasedCategory, rounds: amount }),
  /** The hourly look has found an erasure that was due more than an hour ago. */
  erasureOverdue: error({ category: erasedCategory, hours: amount }),
  erasureNotStarted: error({ category: erasedCategory, kind: errorKindSchema }),
  instancesPurged: information({ status: z.enum(['Completed', 'Failed', 'Terminated']), count: amount }),
} satisfies Record<string, { severity: Severity; shape: Shape }>;

const counters = {
  vendorCalls: { vendor: vendorSchema, operation: operationGroupSchema, outcome: outcomeSchema },
  tokenRequests: { vendor: z.enum(['entra', 'ringCentral']), outcome: outcomeSchema },
  /** Changes on one side that ask for nothing on the other: the sides agree at once. */
  changesWithoutWrite: { side: sideSchema },
  presenceWrites: { side: sideSchema, result: z.enum(['done', 'rejected', 'retry', 'unsent']) },
  notifications: {
    source: z.enum(['graphPresence', 'graphLifecycle', 'ringCentral']),
    outcome: z.enum([
      'accepted',
      'notOurs',
      'unvouched',
      'unreadable',
      'unverifiable',
      'unmapped',
      'unplaced',
    ]),
  },
  marketplaceWebhooks: {
    outcome: z.enum(['accepted', 'forged', 'unverifiable', 'unreadable', 'notStarted']),
  },
  /** Requests of customers with no code, or with one that is nobody's. */
  codesRefused: { reason: z.enum(['missing', 'wrong']) },
  /** What telemetry itself could not say. */
  recordsLost: { reason: z.enum(['notInCatalogue', 'queueFull', 'notTaken']) },
  /** Records that went out without the pseudonym of whom they are about. */
  pseudonymsMissing: {},
} satisfies Record<string, Record<string, z.ZodEnum>>;

const histograms = {
  /** From when we are told of a change until the other side shows it, or would but for the vendor's own delay. */
  convergenceMs: { side: sideSchema },
  vendorCallMs: { vendor: vendorSchema, operation: operationGroupSchema },
} satisfies Record<string, Record<string, z.ZodEnum>>;

type Given<S extends z.core.$ZodLooseShape> = z.infer<z.ZodObject<S>>;
export type EventName = keyof typeof events;
export type EventFields<Name extends EventName> = Given<(typeof events)[Name]['shape']>;
export type CounterName = keyof typeof counters;
export type CounterAttributes<Name extends CounterName> = Given<(typeof counters)[Name]>;
export type HistogramName = keyof typeof histograms;
export const counterNames = Object.keys(counters) as CounterName[];
export const histogramNames = Object.keys(histograms) as HistogramName[];

/** Whom a record is about, by raw ids: the only place for them. */
export interface About {
  readonly tenantId: string;
  readonly userId?: string;
}

/** Says what happens, for operators. No call throws or waits. */
export interface Telemetry {
  record<Name extends EventName>(event: Name, fields: EventFields<Name>, about?: About): void;
  count<Name extends CounterName>(counter: Name, attributes: CounterAttributes<Name>, by?: number): void;
  measure<Name extends HistogramName>(
    histogram: Name,
    attributes: Given<(typeof histograms)[Name]>,
    value: number,
  ): void;
}

/** Says nothing: where telemetry is not set up, and while an orchestration replays what it has said before. */
export const silentTelemetry: Telemetry = {
  record: () => undefined,
  count: () => undefined,
  measure: () => undefined,
};

type Value = string | number | boolean;
type Values = Record<string, Value>;

/** The event as it may go out: without the fields that are unknown or misfit, which `refused` counts. */
export function admitEvent(
  name: string,
  fields: unknown,
): { severity: Severity; fields: Values; refused: number } | undefined {
  const known = own(events, name);
  if (known === undefined) return undefined;
  const { kept, refused } = admit(known.shape, fields);
  return { severity: known.severity, fields: kept, refused };
}

/** A metric's attributes as they may go out; undefined when the metric, or any part of it, is not in the list. */
export function admitMetric(
  kind: 'counter' | 'histogram',
  name: string,
  { value, attributes }: { value: unknown; attributes: unknown },
): Values | undefined {
  const shape = own<Shape>(kind === 'counter' ? counters : histograms, name);
  if (shape === undefined || typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    return undefined;
  }
  const { kept, refused } = admit(shape, attributes);
  return refused === 0 && Object.keys(kept).length === Object.keys(shape).length ? kept : undefined;
}

function admit(shape: Shape, given: unknown): { kept: Values; refused: number } {
  if (typeof given !== 'object' || given === null) return { kept: {}, refused: 1 };
  const kept: Values = {};
  let refused = 0;
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const parsed = own(shape, key)?.safeParse(value);
    if (parsed?.success === true && parsed.data !== undefined) kept[key] = parsed.data;
    else refused += 1;
  }
  return { kept, refused };
}

function own<T>(list: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(list, name) ? list[name] : undefined;
}
