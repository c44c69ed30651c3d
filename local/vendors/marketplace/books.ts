/** The marketplace's records: subscriptions and their operations. */
import { randomUUID } from 'node:crypto';
import type { Collection, VendorData } from '../vendor-data.ts';
import { notFound } from './marketplace-error.ts';
import type { Operation, Subscription } from './model.ts';

export class Books {
  readonly #subscriptions: Collection<Subscription>;
  /** Under `subscriptionId/operationId`. */
  readonly #operations: Collection<Operation>;
  readonly #subscriptionOf: Collection<string>;
  #last: number;

  constructor(data: VendorData) {
    this.#subscriptions = data.collection<Subscription>('subscriptions');
    this.#operations = data.collection<Operation>('operations');
    this.#subscriptionOf = data.collection<string>('subscriptionOf');
    const ordinals = [...this.#subscriptions.all(), ...this.#operations.all()].map(({ ordinal }) => ordinal);
    this.#last = ordinals.reduce((one, other) => Math.max(one, other), 0);
  }

  addSubscription(subscription: Omit<Subscription, 'id' | 'ordinal'>): Subscription {
    const added = { id: randomUUID(), ordinal: (this.#last += 1), ...subscription };
    this.#subscriptions.put(added.id, added);
    return added;
  }

  /** @throws MarketplaceError 404 */
  subscription(id: string): Subscription {
    const found = this.#subscriptions.get(id.toLowerCase());
    if (found === undefined) throw notFound('subscription');
    return found;
  }

  /** In the order of the purchases. */
  subscriptions(): Subscription[] {
    return this.#subscriptions.all().sort((one, other) => one.ordinal - other.ordinal);
  }

  change(subscription: Subscription, to: Partial<Subscription>): Subscription {
    const changed = { ...subscription, ...to };
    this.#subscriptions.put(changed.id, changed);
    return changed;
  }

  addOperation(operation: Omit<Operation, 'id' | 'ordinal' | 'activityId'>): Operation {
    const id = randomUUID();
    const added = { id, ordinal: (this.#last += 1), activityId: id, ...operation };
    this.#subscriptionOf.put(id, added.subscriptionId);
    this.#put(added);
    return added;
  }

  /** @throws MarketplaceError 404, also when it is another subscription's */
  operation(subscriptionId: string, id: string): Operation {
    const found = this.#operations.get(`${subscriptionId.toLowerCase()}/${id.toLowerCase()}`);
    if (found === undefined) throw notFound('operation');
    return found;
  }

  /** By its id alone; undefined when there is none. */
  operationWithId(id: string): Operation | undefined {
    const subscriptionId = this.#subscriptionOf.get(id);
    return subscriptionId === undefined ? undefined : this.#operations.get(`${subscriptionId}/${id}`);
  }

  /** The oldest first. */
  operations(subscriptionId: string): Operation[] {
    return this.#operations
      .all(`${subscriptionId.toLowerCase()}/`)
      .sort((one, other) => one.ordinal - other.ordinal);
  }

  close(operation: Operation, status: Operation['status']): Operation {
    const closed = { ...operation, status };
    this.#put(closed);
    return closed;
  }

  #put(operation: Operation): void {
    this.#operations.put(`${operation.subscriptionId}/${operation.id}`, operation);
  }
}
