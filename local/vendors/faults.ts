/** The misbehaviour that a test switches on: for requests to a vendor and for the notifications it sends. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { VendorName } from './journal.ts';
import type { Collection, VendorData } from './vendor-data.ts';

const which = {
  vendor: z.enum(['graph', 'entra', 'ringCentral', 'keyVault', 'logs', 'marketplace']),
  /** Only what holds this text: "METHOD path" of a request, "POST url body" of a notification. */
  match: z.string().min(1).optional(),
  /** How many times; without it until cleared. */
  count: z.int().positive().optional(),
};
const delaySeconds = z.number().positive();

/** What is wrong with the token of a webhook that the marketplace did not send. */
export const forgerySchema = z.enum([
  'noToken',
  'noJwt',
  'algNone',
  'algHmac',
  'badSignature',
  'foreignKey',
  'wrongAudience',
  'wrongTenant',
  'wrongApplication',
  'wrongIssuer',
  'expired',
]);
export type Forgery = z.infer<typeof forgerySchema>;

/** Habits of the marketplace that its documentation shows, or that were met in the wild. */
export const quirkSchema = z.enum([
  /** Statuses and actions are padded with blanks. */
  'paddedText',
  'textQuantity',
  /** The quantity of flat plans is an empty text. */
  'emptyQuantity',
  'missingQuantity',
  /** The action Suspend is called Suspended. */
  'suspendedAction',
  /** Unknown fields everywhere. */
  'extraFields',
  /** An operation that needs no answer cannot be read. */
  'noOperations',
  /** Webhooks carry tokens of version 2.0. */
  'tokenVersion2',
]);
export type Quirk = z.infer<typeof quirkSchema>;

/** A fault as it is switched on. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** 429, with Retry-After. */
  z.strictObject({ ...which, kind: z.literal('throttle'), retryAfterSeconds: z.number().positive() }),
  /** Any error status, in the vendor's error format, without doing anything. */
  z.strictObject({ ...which, kind: z.literal('status'), status: z.int().min(400).max(599) }),
  /** The connection is held, for real milliseconds, and then cut; nothing was done. */
  z.strictObject({ ...which, kind: z.literal('timeout'), holdMs: z.int().nonnegative().default(100) }),
  /** The request takes effect, and the connection is cut before the answer. */
  z.strictObject({ ...which, kind: z.literal('dropResponse') }),
  /** The notification is never sent. */
  z.strictObject({ ...which, kind: z.literal('drop') }),
  z.strictObject({ ...which, kind: z.literal('double') }),
  z.strictObject({ ...which, kind: z.literal('late'), delaySeconds }),
  /** Sent after the next one to the same address, or after 10 s when there is none. */
  z.strictObject({ ...which, kind: z.literal('reorder') }),
  /** Every notification takes this long. */
  z.strictObject({ ...which, kind: z.literal('latency'), delaySeconds }),
  /** An impostor sends the same too, with a token that is no good; what it is answered moves nothing. */
  z.strictObject({
    ...which,
    vendor: z.literal('marketplace'),
    kind: z.literal('forge'),
    how: forgerySchema,
  }),
  z.strictObject({ vendor: z.literal('marketplace'), kind: z.literal('quirk'), quirk: quirkSchema }),
]);

export type Fault = z.output<typeof faultSchema>;
export type RequestFault = Extract<Fault, { kind: 'throttle' | 'status' | 'timeout' | 'dropResponse' }>;
type QuirkFault = Extract<Fault, { kind: 'quirk' }>;
export type NotificationFault = Exclude<Fault, RequestFault | QuirkFault>;

const requestKinds: ReadonlySet<string> = new Set(['throttle', 'status', 'timeout', 'dropResponse']);

interface SwitchedOn {
  readonly id: string;
  readonly order: number;
  readonly fault: Fault;
}

/** The faults that are switched on; they outlast a restart. */
export class Faults {
  readonly #faults: Collection<SwitchedOn>;
  #order: number;

  constructor(data: VendorData) {
    this.#faults = data.collection<SwitchedOn>('faults');
    this.#order = this.#faults.all().reduce((last, { order }) => Math.max(last, order), 0);
  }

  /** Switches a fault on; answers its id. @throws ZodError when it is no fault. */
  add(fault: z.input<typeof faultSchema>): string {
    const id = randomUUID();
    this.#faults.put(id, { id, order: (this.#order += 1), fault: faultSchema.parse(fault) });
    return id;
  }

  /** What is switched on, the oldest first. */
  list(): (Fault & { id: string })[] {
    return this.#inOrder().map(({ id, fault }) => ({ id, ...fault }));
  }

  /** Switches one fault off, or all. */
  clear(id?: string): void {
    for (const { id: each } of this.#faults.all()) {
      if (id === undefined || each === id) this.#faults.delete(each);
    }
  }

  /** The oldest fault for this request ("METHOD path"), one use of which is spent by asking. */
  forRequest(vendor: VendorName, request: string): RequestFault | undefined {
    const hit = this.#inOrder().find(({ fault }) => isRequestFault(fault) && applies(fault, vendor, request));
    if (hit === undefined || !isRequestFault(hit.fault)) return undefined;
    this.#spend(hit);
    return hit.fault;
  }

  /** All faults for this notification ("POST url body"), one use of each of which is spent by asking. */
  forNotification(vendor: VendorName, notification: string): NotificationFault[] {
    const hits: NotificationFault[] = [];
    for (const each of this.#inOrder()) {
      const { fault } = each;
      if (isRequestFault(fault) || isQuirk(fault) || !applies(fault, vendor, notification)) continue;
      this.#spend(each);
      hits.push(fault);
    }
    return hits;
  }

  hasQuirk(quirk: Quirk): boolean {
    return this.#faults.find(({ fault }) => isQuirk(fault) && fault.quirk === quirk) !== undefined;
  }

  #inOrder(): SwitchedOn[] {
    return this.#faults.all().sort((one, other) => one.order - other.order);
  }

  #spend({ id, order, fault }: SwitchedOn): void {
    if (isQuirk(fault) || fault.count === undefined) return;
    if (fault.count === 1) this.#faults.delete(id);
    else this.#faults.put(id, { id, order, fault: { ...fault, count: fault.count - 1 } });
  }
}

function isRequestFault(fault: Fault): fault is RequestFault {
  return requestKinds.has(fault.kind);
}

function isQuirk(fault: Fault): fault is QuirkFault {
  return fault.kind === 'quirk';
}

function applies(fault: RequestFault | NotificationFault, vendor: VendorName, text: string): boolean {
  return fault.vendor === vendor && (fault.match === undefined || text.includes(fault.match));
}
