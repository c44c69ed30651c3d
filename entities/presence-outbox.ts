/** The writes waiting for one side of one tenant; starts their delivery. Key `{tenantId}:{side}`. */
import {
  EntityId,
  OrchestrationRuntimeStatus,
  app,
  getClient,
  input,
  type EntityContext,
  type EntityHandler,
} from 'durable-functions';
import { deliverPresenceName } from '../contracts/deliver-presence.ts';
import { deliveryId, entityNames, parseOutboxKey, userPresenceKey } from '../contracts/identities.ts';
import {
  presenceOutboxOperationSchema,
  type Backlog,
  type PresenceOutboxOperation,
} from '../contracts/presence-outbox.ts';
import {
  addWish,
  backlogOf,
  emptyOutbox,
  nextBatch,
  outboxSchema,
  reopen,
  resume,
  shut,
  type BatchReport,
  type NextOrder,
  type Outbox,
  type Settlement,
} from '../domain/outbox.ts';
import type { Side } from '../domain/presence.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { parseOperation } from './parse-operation.ts';

interface Dependencies {
  telemetry: Telemetry;
}

export function registerPresenceOutbox({ telemetry }: Dependencies): void {
  // The SDK awaits what a handler returns, although its type says that nothing is returned.
  const handler = ((context) => presenceOutbox(telemetry, context)) as EntityHandler<unknown>;
  app.entity(entityNames.presenceOutbox, { handler, extraInputs: [input.durableClient()] });
}

interface Step {
  outbox: Outbox;
  start: boolean;
  settled: Settlement[];
  /** What the caller is told. */
  answer?: NextOrder | Backlog;
}

async function presenceOutbox(telemetry: Telemetry, context: EntityContext<unknown>): Promise<void> {
  const told = { telemetry, entity: entityNames.presenceOutbox };
  const operation = parseOperation(context, presenceOutboxOperationSchema, told);
  if (operation === undefined) return;
  if (operation.operation === 'forget') {
    context.df.destructOnExit();
    return;
  }
  const stored = context.df.getState();
  const before = stored === undefined ? emptyOutbox : outboxSchema.parse(stored);
  const { tenantId, side } = parseOutboxKey(context.df.entityKey);
  const step = take(operation, before, side);
  const started = !step.start || (await startDelivery(telemetry, context, step.outbox.epoch));
  // A delivery that could not be started leaves the outbox shut, so that the next wish tries again.
  const after = started ? step.outbox : { ...step.outbox, open: false };
  if (after !== before) context.df.setState(after);
  for (const { userId, answer } of step.settled) {
    const person = new EntityId(entityNames.userPresence, userPresenceKey(tenantId, userId));
    context.df.signalEntity(person, 'settle', { side, answer, at: operation.input.at });
  }
  if (step.answer !== undefined) context.df.return(step.answer);
  if (operation.operation === 'next') reportRevokedConsent(context, operation.input);
}

type Told = Exclude<PresenceOutboxOperation, { operation: 'forget' }>;

function take(operation: Told, before: Outbox, side: Side): Step {
  switch (operation.operation) {
    case 'wish':
      return addWish(before, operation.input.wish, operation.input.at);
    case 'next': {
      const { order, ...step } = nextBatch(before, side, operation.input, operation.input.at);
      return { start: false, answer: order, ...step };
    }
    case 'resume':
      return { settled: [], ...resume(before, operation.input.at) };
    case 'backlog':
      return { outbox: before, start: false, settled: [], answer: backlogOf(before) };
    case 'reopen':
      return { start: false, ...reopen(before, operation.input.version) };
    case 'shut':
      return { start: false, ...shut(before, operation.input) };
  }
}

function reportRevokedConsent(
  context: EntityContext<unknown>,
  { report, at }: { report?: BatchReport | undefined; at: string },
): void {
  if (report?.consentRevoked === undefined) return;
  const { tenantId, side } = parseOutboxKey(context.df.entityKey);
  const connection = { side, health: 'reconnectRequired', code: report.consentRevoked, at };
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'noteConnection', connection);
}

const underWay = new Set([OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running]);

async function startDelivery(
  telemetry: Telemetry,
  context: EntityContext<unknown>,
  epoch: number,
): Promise<boolean> {
  const { tenantId, side } = parseOutboxKey(context.df.entityKey);
  const instanceId = deliveryId(tenantId, side, epoch);
  const client = getClient(context);
  try {
    await client.startNew(deliverPresenceName, { instanceId, input: { tenantId, side, epoch } });
    return true;
  } catch (error) {
    // This very operation may have started it before it was interrupted and run again.
    const status = await client.getStatus(instanceId).catch(() => undefined);
    if (status !== undefined && underWay.has(status.runtimeStatus)) return true;
    telemetry.record('deliveryNotStarted', { side, kind: errorKind(error) }, { tenantId });
    return false;
  }
}
