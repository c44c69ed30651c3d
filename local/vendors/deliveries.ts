/** Sends the vendors' webhooks over HTTP: with each vendor's own limits and retries, and with the faults switched on. */
import { randomUUID } from 'node:crypto';
import type { Clock, Scheduled } from '../clock/clock.ts';
import type { Work } from '../clock/work.ts';
import type { Faults, Forgery, NotificationFault } from './faults.ts';
import type { VendorName } from './journal.ts';
import type { Collection, VendorData } from './vendor-data.ts';

/** One webhook request. */
export interface Delivery {
  readonly vendor: VendorName;
  /** Which policy of the vendor it follows. */
  readonly policy: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** What it is about, for the policy's `settled`: a subscription's id, say. */
  readonly subject: string;
}

/** How an attempt went: the status answered, or none when there was no answer in time. */
export interface Attempt {
  /** 1 for the first. */
  readonly attempt: number;
  readonly status: number | undefined;
  /** The answer's headers and text; absent without an answer. */
  readonly answer?: { readonly headers: Headers; readonly text: string };
  readonly delivered: boolean;
  /** Whether another attempt will follow. */
  readonly willRetry: boolean;
}

/** A vendor's rules for one kind of webhook. */
export interface DeliveryPolicy {
  /** How long the receiver may take for attempt number `attempt` (1 for the first), in milliseconds. */
  readonly limitMs: (attempt: number) => number;
  /**
   * How long after failed attempt number `attempt` the next one follows, in milliseconds of the clock; none: give up.
   * `status` is what was answered, if anything.
   */
  readonly retryAfterMs?: (
    attempt: number,
    sinceFirstMs: number,
    status: number | undefined,
  ) => number | undefined;
  /** Called before each attempt, for what must be fresh: a token, or an address that may have moved. */
  readonly prepare?: (delivery: Delivery) => Promise<Delivery>;
  /** Which statuses mean delivered; by default every 2xx. */
  readonly accepts?: (status: number) => boolean;
  /** Told after each attempt. */
  readonly settled?: (delivery: Delivery, attempt: Attempt) => void;
}

interface Pending {
  readonly id: string;
  readonly delivery: Delivery;
  readonly attempt: number;
  readonly firstAt: number;
  readonly dueAt: number;
}

const reorderHoldMs = 10_000;

export class Deliveries {
  readonly #clock: Clock;
  readonly #work: Work;
  readonly #faults: Faults;
  readonly #pending: Collection<Pending>;
  readonly #policies = new Map<string, DeliveryPolicy>();
  readonly #scheduled = new Map<string, Scheduled>();
  /** Held back to go after the next one, by address. */
  readonly #held = new Map<string, string[]>();
  /** What goes once the first attempt at another is over, by that one's id. */
  readonly #followers = new Map<string, readonly string[]>();
  #closed = false;

  constructor(parts: { clock: Clock; work: Work; faults: Faults; data: VendorData }) {
    this.#clock = parts.clock;
    this.#work = parts.work;
    this.#faults = parts.faults;
    this.#pending = parts.data.collection<Pending>('deliveries');
  }

  /** Names a policy of a vendor and takes up what was left over from before a restart under that name. */
  register(vendor: VendorName, name: string, policy: DeliveryPolicy): void {
    this.#policies.set(`${vendor}/${name}`, policy);
    for (const pending of this.#pending.all()) {
      if (pending.delivery.vendor === vendor && pending.delivery.policy === name) this.#schedule(pending);
    }
  }

  /**
   * Sends a webhook soon, counted as work from now on; it survives a restart until delivered or given up. `forged` makes
   * what an impostor sends at the same time, while a fault asks for that.
   */
  send(delivery: Delivery, forged?: (how: Forgery) => Delivery): void {
    const text = `POST ${delivery.url} ${delivery.body}`;
    if (this.#closed) return;
    const faults = this.#faults.forNotification(delivery.vendor, text);
    const has = (kind: NotificationFault['kind']): boolean => faults.some((fault) => fault.kind === kind);
    for (const fault of faults) {
      if (fault.kind === 'forge' && forged !== undefined) this.#add(forged(fault.how), 0);
    }
    if (has('drop')) return;
    const delayMs = faults.reduce(
      (sum, fault) => sum + ('delaySeconds' in fault ? fault.delaySeconds * 1000 : 0),
      0,
    );
    for (let copy = has('double') ? 2 : 1; copy > 0; copy -= 1) {
      const { id } = this.#add(delivery, delayMs + (has('reorder') ? reorderHoldMs : 0));
      const held = this.#held.get(delivery.url) ?? [];
      if (has('reorder')) this.#held.set(delivery.url, [...held, id]);
      else if (held.length > 0) {
        this.#held.delete(delivery.url);
        this.#followers.set(id, held);
        this.#move(held, delayMs + reorderHoldMs);
      }
    }
  }

  /** Sends nothing more; what is pending waits for the next start. */
  close(): void {
    this.#closed = true;
    for (const scheduled of this.#scheduled.values()) scheduled.cancel();
    this.#scheduled.clear();
  }

  #add(delivery: Delivery, delayMs: number): Pending {
    const now = this.#clock.now();
    const pending = { id: randomUUID(), delivery, attempt: 1, firstAt: now, dueAt: now + delayMs };
    this.#pending.put(pending.id, pending);
    this.#schedule(pending);
    return pending;
  }

  #releaseFollowers(id: string): void {
    this.#move(this.#followers.get(id) ?? [], 0);
    this.#followers.delete(id);
  }

  /** Sends these so many milliseconds from now, as far as they have not been sent already. */
  #move(ids: readonly string[], delayMs: number): void {
    for (const id of ids) {
      const pending = this.#pending.get(id);
      if (pending === undefined || !this.#scheduled.has(id)) continue;
      this.#schedule({ ...pending, dueAt: this.#clock.now() + delayMs });
    }
  }

  #schedule(pending: Pending): void {
    this.#scheduled.get(pending.id)?.cancel();
    if (pending.dueAt <= this.#clock.now()) this.#soon(pending);
    else
      this.#scheduled.set(
        pending.id,
        this.#clock.schedule(pending.dueAt, () => this.#start(pending)),
      );
  }

  /** Due now: counted as work at once, on a real clock too, so that "idle" never overlooks it. */
  #soon(pending: Pending): void {
    const end = this.#work.begin();
    const immediate = setImmediate(() => {
      this.#start(pending);
      end();
    });
    this.#scheduled.set(pending.id, {
      cancel: () => {
        clearImmediate(immediate);
        end();
      },
    });
  }

  #start(pending: Pending): void {
    this.#scheduled.delete(pending.id);
    if (this.#closed) return;
    void this.#work.track(() => this.#attempt(pending));
  }

  #policyOf({ vendor, policy }: Delivery): DeliveryPolicy {
    const known = this.#policies.get(`${vendor}/${policy}`);
    if (known === undefined) throw new Error(`${vendor} has no delivery policy ${policy}.`);
    return known;
  }

  async #attempt(pending: Pending): Promise<void> {
    const { attempt, id } = pending;
    const policy = this.#policyOf(pending.delivery);
    const delivery = (await policy.prepare?.(pending.delivery)) ?? pending.delivery;
    if (this.#closed) return;
    const answered = await post(delivery, realLimitMs(this.#clock, policy.limitMs(attempt)));
    if (this.#closed) return;
    const delivered = answered !== undefined && (policy.accepts ?? isSuccess)(answered.status);
    const waitMs = delivered
      ? undefined
      : policy.retryAfterMs?.(attempt, this.#clock.now() - pending.firstAt, answered?.status);
    if (waitMs === undefined) this.#pending.delete(id);
    else {
      const next = { ...pending, attempt: attempt + 1, dueAt: this.#clock.now() + waitMs };
      this.#pending.put(id, next);
      this.#schedule(next);
    }
    policy.settled?.(delivery, {
      attempt,
      status: answered?.status,
      ...(answered === undefined ? {} : { answer: answered }),
      delivered,
      willRetry: waitMs !== undefined,
    });
    this.#releaseFollowers(id);
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * A vendor's limit in real milliseconds. A virtual clock stands still while the receiver works, however slow the
 * machine is; there only a receiver that hangs is given up.
 */
export function realLimitMs(clock: Clock, limitMs: number): number {
  return clock.kind === 'virtual' ? Math.max(limitMs, 60_000) : limitMs;
}

/** One POST; undefined when there is no answer within `limitMs`, whatever the reason: a vendor sees no more than that. */
export async function post(
  request: Pick<Delivery, 'url' | 'headers' | 'body'>,
  limitMs: number,
): Promise<{ status: number; headers: Headers; text: string } | undefined> {
  try {
    const response = await fetch(request.url, {
      method: 'POST',
      headers: request.headers,
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(limitMs),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch {
    // Refused, cut or too late: to the vendor all the same, an attempt without an answer.
    return undefined;
  }
}
