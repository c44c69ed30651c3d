/** One customer: whether it is served, and how its connections are. Key `{tenantId}`. */
import { EntityId, app, type EntityContext } from 'durable-functions';
import { entityNames, outboxKey } from '../contracts/identities.ts';
import { tenantOperationSchema } from '../contracts/tenant.ts';
import { newTenant, noteConnection, tenantSchema } from '../domain/tenant.ts';
import { parseOperation } from './parse-operation.ts';

export function registerTenant(): void {
  app.entity(entityNames.tenant, tenant);
}

function tenant(context: EntityContext<unknown>): void {
  const operation = parseOperation(context, tenantOperationSchema);
  if (operation === undefined) return;
  const stored = context.df.getState();
  const before = stored === undefined ? undefined : tenantSchema.parse(stored);
  if (operation.operation === 'activate') {
    const { seats } = operation.input;
    context.df.setState(before === undefined ? newTenant(seats) : { ...before, seats });
    return;
  }
  if (before === undefined) return;
  if (operation.operation === 'read') {
    context.df.return(before);
    return;
  }
  const { side, at, ...connection } = operation.input;
  const { tenant: after, reconnected } = noteConnection(before, side, connection, at);
  if (after !== before) context.df.setState(after);
  if (!reconnected) return;
  const outbox = new EntityId(entityNames.presenceOutbox, outboxKey(context.df.entityKey, side));
  context.df.signalEntity(outbox, 'resume', { at });
}
