/** Tells a customer how long changes of presence took to show on either side, and how each side is connected. */
import { EntityId, getClient, type DurableClient } from 'durable-functions';
import type { InvocationContext } from '@azure/functions';
import { entityNames, outboxKey } from '../contracts/identities.ts';
import { figuresOfHours, overdueOf, type Figures } from '../domain/convergence.ts';
import { outboxSchema } from '../domain/outbox.ts';
import { sideSchema, type Side } from '../domain/presence.ts';
import { tenantSchema } from '../domain/tenant.ts';
import type { HourOfConvergence } from '../store/convergence.ts';
import type { Store } from '../store/store.ts';
import type { Answer } from './answers.ts';
import { registerCustomerDoor, type CustomerDoor } from './customer-door.ts';
import { nothingToRead } from './customer-standing.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  clock: () => Date;
}

const hourMs = 3_600_000;

export function registerCustomerConvergence(dependencies: Dependencies): void {
  const route = { method: 'GET', route: 'subscription/convergence' } as const;
  registerCustomerDoor(dependencies, 'customerConvergence', route, (tenantId, context) =>
    tell(dependencies, tenantId, context),
  );
}

async function tell(
  dependencies: Dependencies,
  tenantId: string,
  context: InvocationContext,
): Promise<Answer> {
  const { store, clock } = dependencies;
  const refusal = await nothingToRead(dependencies, tenantId);
  if (refusal !== undefined) return refusal;
  const durable = getClient(context);
  const now = clock();
  const dayAgo = new Date(now.getTime() - 24 * hourMs);
  const hours = await store.convergence.since(tenantId, new Date(now.getTime() - 7 * 24 * hourMs));
  const { entityState } = await durable.readEntityState<unknown>(new EntityId(entityNames.tenant, tenantId));
  const connections = tenantSchema.safeParse(entityState).data?.connections;
  const sides: Partial<Record<Side, object>> = {};
  for (const side of sideSchema.options) {
    const waiting = await waitingTooLong(durable, { tenantId, side, now });
    const ofSide = hours.filter((hour) => hour.side === side);
    const { health = 'unknown', since = null, silentAt = null } = connections?.[side] ?? {};
    sides[side] = {
      connection: { health, since, silentAt },
      last24Hours: figures(ofSide, dayAgo, waiting),
      last7Days: figuresOfHours(ofSide, waiting),
    };
  }
  return { jsonBody: { at: now.toISOString(), sides } };
}

/** Whole hours are counted, the one included that `since` lies in. */
function figures(hours: readonly HourOfConvergence[], since: Date, waiting: number): Figures {
  const within = hours.filter(({ begins }) => begins.getTime() + hourMs > since.getTime());
  return figuresOfHours(within, waiting);
}

async function waitingTooLong(
  durable: DurableClient,
  { tenantId, side, now }: { tenantId: string; side: Side; now: Date },
): Promise<number> {
  const id = new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, side));
  const { entityState } = await durable.readEntityState<unknown>(id);
  const outbox = outboxSchema.safeParse(entityState).data;
  return outbox === undefined
    ? 0
    : overdueOf([...Object.values(outbox.waiting), ...Object.values(outbox.inFlight)], now);
}
