/** One customer: whether it is served, and how its connections are. Key `{tenantId}`. */
import { EntityId, app, type EntityContext } from 'durable-functions';
import type { z } from 'zod';
import { entityNames, outboxKey } from '../contracts/identities.ts';
import { tenantOperationSchema } from '../contracts/tenant.ts';
import { vendorCode } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { activate, noteConnection, noteSilence, stop, tenantSchema, type Tenant } from '../domain/tenant.ts';
import { parseOperation } from './parse-operation.ts';

interface Dependencies {
  telemetry: Telemetry;
}

export function registerTenant({ telemetry }: Dependencies): void {
  app.entity(entityNames.tenant, (context) => tenant(telemetry, context));
}

function tenant(telemetry: Telemetry, context: EntityContext<unknown>): void {
  const told = { telemetry, entity: entityNames.tenant };
  const operation = parseOperation(context, tenantOperationSchema, told);
  if (operation === undefined) return;
  if (operation.operation === 'forget') {
    context.df.destructOnExit();
    return;
  }
  const stored = context.df.getState();
  const before = stored === undefined ? undefined : tenantSchema.parse(stored);
  if (operation.operation === 'activate' || operation.operation === 'stop') {
    const after =
      operation.operation === 'activate'
        ? activate(before, operation.input)
        : stop(before, operation.input.version);
    if (after !== before) context.df.setState(after);
    return;
  }
  if (before === undefined) return;
  if (operation.operation === 'read') {
    context.df.return(before);
    return;
  }
  if (operation.operation === 'noteSilence') {
    context.df.setState(noteSilence(before, operation.input.side, operation.input.at));
    return;
  }
  noteHealth(telemetry, context, before, operation.input);
}

type Health = Extract<z.infer<typeof tenantOperationSchema>, { operation: 'noteConnection' }>['input'];

function noteHealth(
  telemetry: Telemetry,
  context: EntityContext<unknown>,
  before: Tenant,
  { side, at, ...connection }: Health,
): void {
  const { tenant: after, reconnected } = noteConnection(before, side, connection, at);
  if (after !== before) {
    context.df.setState(after);
    const { health, code } = connection;
    const about = { tenantId: context.df.entityKey };
    if (health === 'connected') telemetry.record('connectionMade', { side }, about);
    else
      telemetry.record(
        'connectionLost',
        { side, ...(code !== undefined && { code: vendorCode(code) }) },
        about,
      );
  }
  if (!reconnected) return;
  const outbox = new EntityId(entityNames.presenceOutbox, outboxKey(context.df.entityKey, side));
  context.df.signalEntity(outbox, 'resume', { at });
}
