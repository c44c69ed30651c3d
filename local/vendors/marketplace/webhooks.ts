/** Sends the marketplace's webhooks to the publisher (SaaS fulfillment APIs v2, "Implementing a webhook on the SaaS service"). */
import { randomUUID } from 'node:crypto';
import type { Attempt, Delivery } from '../deliveries.ts';
import type { Forgery } from '../faults.ts';
import type { Simulation } from '../simulation.ts';
import type { Collection, VendorData } from '../vendor-data.ts';
import { answersByRefusing, isRefusal } from './actions.ts';
import type { Operation, Subscription, WebhookAttempt } from './model.ts';
import { forgedAuthorization, webhookToken, type WebhookTokenParts } from './webhook-tokens.ts';
import { quirksOf, webhookBody } from './wire.ts';

/** The publisher has ten seconds to answer. */
const limitMs = 10_000;
/** 500 attempts in 8 hours. */
const attempts = 500;
const retryMs = (8 * 3_600_000) / attempts;

/** How an attempt for a genuine webhook went. */
export type Answered = Pick<Attempt, 'status' | 'delivered' | 'willRetry'>;

/** What a delivery is about, kept in its `subject`. */
interface Subject {
  readonly operationId: string;
  readonly subscriptionId: string;
  readonly action: string;
  readonly forged?: Forgery;
}

export class Webhooks {
  readonly #simulation: Simulation;
  readonly #tokens: WebhookTokenParts;
  readonly #settings: Collection<string>;
  readonly #log: Collection<WebhookAttempt>;
  #logged: number;

  /** `answered` is told of each attempt for an operation of ours. */
  constructor(
    simulation: Simulation,
    parts: { data: VendorData; tokens: WebhookTokenParts },
    answered: (subscriptionId: string, operationId: string, how: Answered) => void,
  ) {
    this.#simulation = simulation;
    this.#tokens = parts.tokens;
    this.#settings = parts.data.collection<string>('settings');
    this.#log = parts.data.collection<WebhookAttempt>('webhooks');
    this.#logged = Number(this.#log.lastKey() ?? 0);
    const prepare = (delivery: Delivery): Promise<Delivery> => this.#prepare(delivery);
    const settled = (delivery: Delivery, attempt: Attempt): void => {
      const subject = subjectOf(delivery);
      this.#note(subject, attempt);
      answered(subject.subscriptionId, subject.operationId, attempt);
    };
    const common = { limitMs: () => limitMs, accepts: (status: number) => status === 200, prepare };
    const retryAfterMs = (attempt: number): number | undefined => (attempt < attempts ? retryMs : undefined);
    const { deliveries } = simulation;
    deliveries.register('marketplace', 'notices', { ...common, retryAfterMs, settled });
    deliveries.register('marketplace', 'changes', {
      ...common,
      settled,
      retryAfterMs: (attempt, _, status) => (isRefusal(status) ? undefined : retryAfterMs(attempt)),
    });
    deliveries.register('marketplace', 'impostor', {
      ...common,
      settled: (delivery, attempt) => this.#note(subjectOf(delivery), attempt),
    });
  }

  /** Where the publisher listens; until it is known no attempt is answered. */
  set url(url: string) {
    this.#settings.put('url', url);
  }

  send(operation: Operation, subscription: Subscription): void {
    const { id: operationId, subscriptionId, action } = operation;
    const has = quirksOf(this.#simulation.faults);
    const subject = { operationId, subscriptionId, action };
    const delivery = this.#delivery(subject, webhookBody(operation, subscription, has));
    this.#simulation.deliveries.send(
      { ...delivery, policy: answersByRefusing(action) ? 'changes' : 'notices' },
      (how) => ({ ...delivery, subject: JSON.stringify({ ...subject, forged: how }) }),
    );
  }

  /** Sends what no operation is behind, once; with a good token unless `forged` says otherwise. */
  sendBody(body: Record<string, unknown>, forged: Forgery | undefined): void {
    const subject = {
      operationId: String(body['id']),
      subscriptionId: String(body['subscriptionId']),
      action: String(body['action']),
      ...(forged === undefined ? {} : { forged }),
    };
    this.#simulation.deliveries.send(this.#delivery(subject, body));
  }

  /** Every attempt so far, for one subscription or all. */
  list(subscriptionId?: string): WebhookAttempt[] {
    const all = this.#log.all();
    return subscriptionId === undefined ? all : all.filter((each) => each.subscriptionId === subscriptionId);
  }

  #delivery(subject: Subject, body: object): Delivery {
    return {
      vendor: 'marketplace',
      policy: 'impostor',
      url: this.#settings.get('url') ?? '',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      subject: JSON.stringify(subject),
    };
  }

  async #prepare(delivery: Delivery): Promise<Delivery> {
    const { forged } = subjectOf(delivery);
    // Read first: the simulator may be closed while the token is made.
    const url = this.#settings.get('url') ?? '';
    const version = this.#simulation.faults.hasQuirk('tokenVersion2') ? 2 : 1;
    const authorization =
      forged === undefined
        ? { authorization: `Bearer ${await webhookToken(this.#tokens, version)}` }
        : await forgedAuthorization(this.#tokens, forged);
    const ids = { 'x-ms-requestid': randomUUID(), 'x-ms-correlationid': randomUUID() };
    return {
      ...delivery,
      url,
      headers: { ...delivery.headers, ...ids, ...authorization },
    };
  }

  #note(subject: Subject, { attempt, status }: Attempt): void {
    const key = String((this.#logged += 1)).padStart(12, '0');
    const at = new Date(this.#simulation.clock.now()).toISOString();
    this.#log.put(key, { at, ...subject, attempt, status: status ?? null });
  }
}

function subjectOf({ subject }: Delivery): Subject {
  return JSON.parse(subject) as Subject;
}
