/** Tells a customer why a person shows what they show on each side, from what their entity remembers. */
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { EntityId, getClient } from 'durable-functions';
import { entityNames, userPresenceKey } from '../contracts/identities.ts';
import { explain } from '../domain/explanation.ts';
import { userPresenceSchema } from '../domain/user-presence-state.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';
import { registerCustomerDoor, type CustomerDoor } from './customer-door.ts';
import { personAsked, unlessMapped } from './customer-person.ts';
import { nothingToRead } from './customer-standing.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  clock: () => Date;
}

export function registerCustomerExplanation(dependencies: Dependencies): void {
  registerCustomerDoor(
    dependencies,
    'customerExplanation',
    { method: 'GET', route: 'subscription/people/{userId}/explanation' },
    (tenantId, context, request) => tell(dependencies, { tenantId, context, request }),
  );
}

async function tell(
  dependencies: Dependencies,
  { tenantId, context, request }: { tenantId: string; context: InvocationContext; request: HttpRequest },
): Promise<Answer> {
  const { store, clock } = dependencies;
  const asked = personAsked(request);
  if ('refusal' in asked) return asked.refusal;
  const { userId } = asked;
  const refusal =
    (await nothingToRead(dependencies, tenantId)) ?? (await unlessMapped(store, tenantId, userId));
  if (refusal !== undefined) return refusal;
  const id = new EntityId(entityNames.userPresence, userPresenceKey(tenantId, userId));
  const { entityExists, entityState } = await getClient(context).readEntityState<unknown>(id);
  if (!entityExists) return problem(404, 'Nothing is known of this person yet.');
  return { jsonBody: { userId, ...explain(userPresenceSchema.parse(entityState), clock().toISOString()) } };
}
