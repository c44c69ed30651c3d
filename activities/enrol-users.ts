/**
 * Tells `userPresence` of one page of people who have a seat whom they are mapped to; before the first page the seats are
 * given out. Each is told the rules that hold for them. Called by `onboardTenant`.
 */
import { EntityId, type DurableClient } from 'durable-functions';
import { entityNames, outboxKey } from '../contracts/identities.ts';
import type { enrolUsers } from '../contracts/onboard-tenant.ts';
import { toldOfEnrolment } from '../domain/customer-log-occasions.ts';
import type { PlanCatalogue } from '../domain/plans.ts';
import { sideSchema } from '../domain/presence.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { assignSeats } from './shared/assign-seats.ts';
import { tellCustomer } from './shared/customer-log.ts';
import { enrolPeople } from './shared/enrol-people.ts';
import { nextAfter } from './shared/next-after.ts';
import { isToBeServed } from './shared/served-tenant.ts';

const pageSize = 200;

interface Dependencies {
  store: Store;
  plans: PlanCatalogue;
  clock: () => Date;
}

export function makeEnrolUsers(dependencies: Dependencies): Effect<typeof enrolUsers> {
  const { store, clock } = dependencies;
  return async ({ tenantId, after, before, run, version: begunBy }, tools) => {
    const subscription = await store.subscriptions.find(tenantId);
    const version = begunBy ?? subscription?.version ?? 1;
    if (!(await isToBeServed(store, tenantId, subscription))) return { enrolled: 0, served: false, version };
    if (after === '') {
      // Before anybody may wish for something.
      await reopenOutboxes(tools.durable, tenantId, { version, at: clock().toISOString() });
      await assignSeats(dependencies, tools, { tenantId, version, run });
    }
    const at = clock().toISOString();
    const people = await store.seated.after(tenantId, after, pageSize);
    await enrolPeople({ store, durable: tools.durable }, { tenantId, version, at }, people);
    const outcome = { enrolled: people.length, served: true, version };
    const next = nextAfter(people, pageSize);
    if (next !== undefined) return { ...outcome, next };
    const all = toldOfEnrolment(before + people.length, run);
    await tellCustomer(dependencies, tools, tenantId, { told: [all] });
    return outcome;
  };
}

/** They are shut where the customer has left and come back. */
async function reopenOutboxes(
  durable: DurableClient,
  tenantId: string,
  reopened: { version: number; at: string },
): Promise<void> {
  for (const side of sideSchema.options) {
    const outbox = new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, side));
    await durable.signalEntity(outbox, 'reopen', reopened);
  }
}
