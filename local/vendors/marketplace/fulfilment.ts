/** The life of a purchase at the marketplace, with its own timing (SaaS fulfillment APIs v2, "Managing the SaaS subscription life cycle"). */
import type { Clock } from '../../clock/clock.ts';
import type { VendorData } from '../vendor-data.ts';
import { answersByRefusing, isRefusal, waitsForAnswer } from './actions.ts';
import { Agenda, type Task } from './agenda.ts';
import type { Books } from './books.ts';
import { badRequest, MarketplaceError } from './marketplace-error.ts';
import type { Action, Operation, Subscription } from './model.ts';
import { planOf, seatsAfterMove, seatsOf } from './plans.ts';
import { firstTerm, nextTerm, overAt } from './terms.ts';
import type { Answered } from './webhooks.ts';

const secondMs = 1000;
const dayMs = 24 * 3_600_000;
/** How long what is answered before it is done takes. */
const processingMs = 2 * secondMs;
/** An unanswered change is taken as accepted. */
const silenceMs = 10 * secondMs;
/** Until a purchase must be activated, and how long one may be suspended. */
const graceMs = 30 * dayMs;

export type Source = Operation['source'];
/** What a change asks for: one of the two. */
export type Change = { readonly planId: string } | { readonly quantity: number };

export class Fulfilment {
  readonly #clock: Clock;
  readonly #books: Books;
  readonly #send: (operation: Operation, subscription: Subscription) => void;
  readonly #agenda: Agenda;

  /** `send` sends the webhook of an operation. */
  constructor(
    clock: Clock,
    parts: { books: Books; data: VendorData },
    send: (operation: Operation, subscription: Subscription) => void,
  ) {
    this.#clock = clock;
    this.#books = parts.books;
    this.#send = send;
    this.#agenda = new Agenda(clock, parts.data, (task, id) => this.#due(task, id));
  }

  close(): void {
    this.#agenda.close();
  }

  /** A customer buys. The publisher hears nothing of it until the customer comes to its landing page. */
  purchase(bought: Omit<Subscription, 'id' | 'ordinal' | 'status' | 'term' | 'createdAt'>): Subscription {
    const { planId, quantity } = bought;
    if (planOf(planId).isStopSell) throw badRequest('The plan is not sold any more.', 'planId');
    if (bought.isFreeTrial && !planOf(planId).hasFreeTrials)
      throw badRequest('The plan has no free trial.', 'isFreeTrial');
    const createdAt = this.#clock.now();
    const subscription = this.#books.addSubscription({
      ...bought,
      quantity: seatsOf(planId, quantity),
      status: 'PendingFulfillmentStart',
      term: null,
      createdAt,
    });
    this.#agenda.put('expirePending', subscription.id, createdAt + graceMs);
    return subscription;
  }

  /** Answered at once, done a little later. @throws MarketplaceError */
  activate(subscription: Subscription, { planId, quantity }: { planId: string; quantity?: number }): void {
    if (subscription.status === 'Unsubscribed')
      throw new MarketplaceError(404, 'EntityNotFound', 'The subscription is unsubscribed.');
    if (subscription.status === 'Suspended') throw badRequest('The subscription is suspended.');
    if (planId !== subscription.planId) throw badRequest('This is not the plan that was bought.', 'planId');
    if (quantity !== undefined && seatsOf(planId, quantity) !== subscription.quantity)
      throw badRequest('This is not the quantity that was bought.', 'quantity');
    if (subscription.status === 'Subscribed' || this.#agenda.has('finishActivation', subscription.id)) return;
    this.#agenda.put('finishActivation', subscription.id, this.#clock.now() + processingMs);
  }

  /** Activates now, and tells nobody: as if it had happened before. */
  activateSilently(subscription: Subscription): Subscription {
    this.#agenda.cancel('expirePending', subscription.id);
    const term = firstTerm(subscription, this.#clock.now());
    this.#agenda.put('endTerm', subscription.id, overAt(term));
    return this.#books.change(subscription, { status: 'Subscribed', term });
  }

  /** Waits for the publisher's answer. @throws MarketplaceError 400 */
  requestChange(subscription: Subscription, change: Change, source: Source): Operation {
    if (subscription.status !== 'Subscribed') throw badRequest('The subscription is not Subscribed.');
    if ('planId' in change) {
      const { planId } = change;
      if (planId === subscription.planId) throw badRequest('This is the plan already.', 'planId');
      if (planOf(planId).isStopSell) throw badRequest('The plan is not sold any more.', 'planId');
      const quantity = seatsAfterMove(planId, subscription.quantity);
      return this.#open(subscription, 'ChangePlan', { planId, quantity, source });
    }
    const { planId } = subscription;
    const quantity = seatsOf(planId, change.quantity);
    if (quantity === subscription.quantity) throw badRequest('This is the quantity already.', 'quantity');
    return this.#open(subscription, 'ChangeQuantity', { planId, quantity, source });
  }

  /** The publisher ends it: answered at once, done a little later. @throws MarketplaceError */
  requestCancellation(subscription: Subscription): Operation {
    if (subscription.status === 'Unsubscribed') throw badRequest('The subscription is unsubscribed already.');
    if (this.#books.operations(subscription.id).some(({ status }) => status === 'InProgress'))
      throw new MarketplaceError(409, 'Conflict', 'An operation of the subscription is in progress.');
    const operation = this.#record(subscription, 'Unsubscribe', 'InProgress', { source: 'Partner' });
    this.#agenda.put('finishCancellation', operation.id, this.#clock.now() + processingMs);
    return operation;
  }

  /** For want of payment. After 30 days it ends. @throws MarketplaceError 400 */
  suspend(subscription: Subscription): Operation {
    if (subscription.status !== 'Subscribed') throw badRequest('Only what is Subscribed can be suspended.');
    const suspended = this.#books.change(subscription, { status: 'Suspended' });
    this.#agenda.put('endSuspension', subscription.id, this.#clock.now() + graceMs);
    return this.#tell(suspended, 'Suspend');
  }

  /** The customer has paid; it is Subscribed again once the publisher has heard of it. @throws MarketplaceError 400 */
  reinstate(subscription: Subscription): Operation {
    if (subscription.status !== 'Suspended') throw badRequest('Only what is suspended can be reinstated.');
    return this.#open(subscription, 'Reinstate', { source: 'Azure' });
  }

  /** For good. @throws MarketplaceError 400 */
  unsubscribe(subscription: Subscription): Operation {
    return this.#tell(this.#end(subscription), 'Unsubscribe');
  }

  /** The next term begins. @throws MarketplaceError 400 */
  renew(subscription: Subscription): Operation {
    const { status, term } = subscription;
    if (status !== 'Subscribed' || term === null) throw badRequest('Only what is Subscribed can be renewed.');
    const next = nextTerm(subscription, term);
    this.#agenda.put('endTerm', subscription.id, overAt(next));
    return this.#tell(this.#books.change(subscription, { term: next, isFreeTrial: false }), 'Renew');
  }

  /** Something happened of which the documentation says nothing. */
  transfer(subscription: Subscription): Operation {
    return this.#tell(subscription, 'Transfer');
  }

  /** The publisher's answer to an operation. @throws MarketplaceError */
  acknowledge(operation: Operation, status: 'Success' | 'Failure'): void {
    if (!waitsForAnswer(operation.action) || operation.status !== 'InProgress')
      throw new MarketplaceError(409, 'Conflict', 'The operation is not in progress any more.');
    if (status === 'Failure' && !answersByRefusing(operation.action))
      throw badRequest('A reinstatement cannot be refused; delete the subscription instead.', 'status');
    const settled = this.#settle(operation, status === 'Success');
    if (settled.status === 'Conflict')
      throw new MarketplaceError(409, 'Conflict', 'A newer update has been fulfilled already.');
  }

  /** How the publisher answered a webhook, or that it did not. */
  webhookAnswered(
    subscriptionId: string,
    operationId: string,
    { status, delivered, willRetry }: Answered,
  ): void {
    const operation = this.#books.operation(subscriptionId, operationId);
    if (operation.status !== 'InProgress' || !waitsForAnswer(operation.action)) return;
    if (delivered) {
      if (!this.#agenda.has('acceptSilently', operationId))
        this.#agenda.put('acceptSilently', operationId, this.#clock.now() + silenceMs);
    } else if ((answersByRefusing(operation.action) && isRefusal(status)) || !willRetry) {
      this.#settle(operation, false);
    }
  }

  #due(task: Task, id: string): void {
    if (task === 'acceptSilently' || task === 'finishCancellation') return this.#dueForOperation(task, id);
    const subscription = this.#books.subscription(id);
    const { status, autoRenew } = subscription;
    if (task === 'finishActivation') this.#finishActivation(subscription);
    else if (task === 'expirePending' || task === 'endSuspension') this.unsubscribe(subscription);
    else if (status !== 'Subscribed') return;
    else if (autoRenew) this.renew(subscription);
    else this.unsubscribe(subscription);
  }

  #dueForOperation(task: 'acceptSilently' | 'finishCancellation', id: string): void {
    const operation = this.#books.operationWithId(id);
    if (operation?.status !== 'InProgress') return;
    if (task === 'acceptSilently') return void this.#settle(operation, true);
    const subscription = this.#books.subscription(operation.subscriptionId);
    if (subscription.status === 'Unsubscribed') return void this.#books.close(operation, 'Conflict');
    const ended = this.#end(subscription);
    this.#send(this.#books.close(operation, 'Succeeded'), ended);
  }

  #finishActivation(subscription: Subscription): void {
    if (subscription.status !== 'PendingFulfillmentStart') return;
    if (subscription.activationFails) this.unsubscribe(subscription);
    else this.#tell(this.activateSilently(subscription), 'Subscribe');
  }

  #end(subscription: Subscription): Subscription {
    if (subscription.status === 'Unsubscribed') throw badRequest('The subscription is unsubscribed already.');
    for (const task of ['finishActivation', 'expirePending', 'endSuspension', 'endTerm'] as const)
      this.#agenda.cancel(task, subscription.id);
    return this.#books.change(subscription, { status: 'Unsubscribed' });
  }

  /** Closes an operation; of two that overlap the newer one wins. */
  #settle(operation: Operation, accepted: boolean): Operation {
    this.#agenda.cancel('acceptSilently', operation.id);
    if (!accepted) return this.#books.close(operation, 'Failed');
    const subscription = this.#books.subscription(operation.subscriptionId);
    const needed = operation.action === 'Reinstate' ? 'Suspended' : 'Subscribed';
    if (subscription.status !== needed) return this.#books.close(operation, 'Conflict');
    for (const older of this.#books.operations(subscription.id)) {
      if (older.status === 'InProgress' && older.ordinal < operation.ordinal)
        this.#books.close(older, 'Conflict');
    }
    if (operation.action === 'Reinstate') this.#reinstated(subscription);
    else {
      const { planId, quantity } = operation;
      this.#books.change(subscription, { planId, quantity });
    }
    return this.#books.close(operation, 'Succeeded');
  }

  /** A term that ran out meanwhile is renewed now. */
  #reinstated(subscription: Subscription): void {
    this.#agenda.cancel('endSuspension', subscription.id);
    this.#books.change(subscription, { status: 'Subscribed' });
    if (subscription.term !== null) this.#agenda.put('endTerm', subscription.id, overAt(subscription.term));
  }

  /** An operation that waits for the publisher. */
  #open(
    subscription: Subscription,
    action: Action,
    asked: { planId?: string; quantity?: number | null; source: Source },
  ): Operation {
    const operation = this.#record(subscription, action, 'InProgress', asked);
    this.#send(operation, subscription);
    return operation;
  }

  /** An operation that is done already. */
  #tell(subscription: Subscription, action: Action): Operation {
    const operation = this.#record(subscription, action, 'Succeeded', { source: 'Azure' });
    this.#send(operation, subscription);
    return operation;
  }

  #record(
    subscription: Subscription,
    action: Action,
    status: Operation['status'],
    asked: { planId?: string; quantity?: number | null; source: Source },
  ): Operation {
    const { id: subscriptionId, planId, quantity } = subscription;
    const at = this.#clock.now();
    return this.#books.addOperation({ subscriptionId, planId, quantity, action, status, at, ...asked });
  }
}
