/** The writes waiting for one side of one tenant; starts their delivery. Key `{tenantId}:{side}`. */
import {
  EntityId,
  OrchestrationRuntimeStatus,
  app,
  getClient,
  input,
  type DurableClient,
  type EntityContext,
  type EntityHandler,
} from 'durable-functions';
import { deliverPresenceName, wakeEvent } from '../contracts/deliver-presence.ts';
import {
  deliveryId,
  entityNames,
  parseOutboxKey,
  renewalId,
  userPresenceKey,
} from '../contracts/identities.ts';
import type { Start } from '../contracts/durable.ts';
import {
  presenceOutboxOperationSchema,
  type Backlog,
  type PresenceOutboxOperation,
} from '../contracts/presence-outbox.ts';
import { renewHoldsName } from '../contracts/renew-holds.ts';
import { endDelivery, nextBatch, rouse } from '../domain/delivery.ts';
import {
  addWish,
  backlogOf,
  emptyOutbox,
  hush,
  outboxSchema,
  replaceDelivery,
  reopen,
  resume,
  shut,
  type BatchReport,
  type NextOrder,
  type Outbox,
  type Settlement,
} from '../domain/outbox.ts';
import type { Side } from '../domain/presence.ts';
import { nextAlarm, renewalsDue } from '../domain/standing-holds.ts';
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
  settled: Settlement[];
  /** A delivery for the outbox's epoch must be started. */
  start?: boolean;
  /** The delivery under way must not wait any longer. */
  wake?: boolean;
  /** What the caller is told. */
  answer?: NextOrder | Backlog;
  /** Whose hold is about to run out. */
  renewed?: string[];
}

/** The outbox of a tenant, with what its operation needs to start orchestrations. */
interface Place {
  tenantId: string;
  side: Side;
  at: string;
  client: DurableClient;
  telemetry: Telemetry;
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
  const { at } = operation.input;
  const place = { tenantId, side, at, client: getClient(context), telemetry };
  const step = await served(place, take(operation, before, side));
  const after = await withAlarm(place, step.outbox);
  if (after !== before) context.df.setState(after);
  const person = (userId: string) =>
    new EntityId(entityNames.userPresence, userPresenceKey(tenantId, userId));
  for (const { userId, answer } of step.settled) {
    context.df.signalEntity(person(userId), 'settle', { side, answer, at });
  }
  for (const userId of step.renewed ?? []) context.df.signalEntity(person(userId), 'renew', { at });
  if (step.answer !== undefined) context.df.return(step.answer);
  if ('report' in operation.input) reportRevokedConsent(context, operation.input);
}

type Told = Exclude<PresenceOutboxOperation, { operation: 'forget' }>;

function take(operation: Told, before: Outbox, side: Side): Step {
  const { at } = operation.input;
  switch (operation.operation) {
    case 'wish': {
      const step = addWish(before, operation.input.wish, at);
      return step.start ? step : { ...step, ...rouse(step.outbox, side, at) };
    }
    case 'next': {
      const { order, ...step } = nextBatch(before, side, operation.input, at);
      return { answer: order, ...step };
    }
    case 'ended':
      return endDelivery(before, side, operation.input, at);
    case 'renew': {
      const isBusy = (targetId: string) => targetId in before.waiting || targetId in before.inFlight;
      const { renewals, userIds } = renewalsDue(before.renewals, operation.input.alarm, isBusy, at);
      return { outbox: { ...before, renewals }, settled: [], renewed: userIds };
    }
    case 'resume':
      return { settled: [], ...resume(before, at) };
    case 'hush':
      return { outbox: hush(before, operation.input.until), settled: [] };
    case 'backlog':
      return { outbox: before, settled: [], answer: backlogOf(before) };
    case 'reopen':
      return reopen(before, operation.input.version);
    case 'shut':
      return shut(before, operation.input);
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

/** Wakes the delivery, or starts one with its first order, where the step asks for it. */
async function served(place: Place, step: Step): Promise<Step> {
  if (step.wake === true && !(await wakeDelivery(place, step.outbox))) {
    return served(place, { ...step, wake: false, ...replaceDelivery(step.outbox, place.at) });
  }
  if (step.start !== true) return step;
  const { tenantId, side, at } = place;
  const { epoch } = step.outbox;
  const { outbox, order, settled } = nextBatch(step.outbox, side, { epoch }, at);
  const instanceId = deliveryId(tenantId, side, epoch);
  const input = { tenantId, side, epoch, order };
  if (await started(place, { name: deliverPresenceName, instanceId, input })) {
    return { ...step, outbox, settled: [...step.settled, ...settled] };
  }
  // A delivery that could not be started leaves the outbox shut, so that the next wish tries again.
  return { ...step, outbox: { ...step.outbox, open: false } };
}

async function wakeDelivery({ tenantId, side, client }: Place, { epoch }: Outbox): Promise<boolean> {
  try {
    await client.raiseEvent(deliveryId(tenantId, side, epoch), wakeEvent, {});
    return true;
  } catch {
    return false;
  }
}

/** Sets the alarm for what runs out first; where that fails, the next operation tries again. */
async function withAlarm(place: Place, outbox: Outbox): Promise<Outbox> {
  const renewals = nextAlarm(outbox.renewals, place.at);
  if (renewals === undefined) return outbox;
  const { alarms: alarm, alarmAt: until } = renewals;
  const { tenantId } = place;
  const instanceId = renewalId(tenantId, alarm);
  const isSet = await started(place, { name: renewHoldsName, instanceId, input: { tenantId, alarm, until } });
  return isSet ? { ...outbox, renewals } : outbox;
}

const underWay = new Set([
  OrchestrationRuntimeStatus.Pending,
  OrchestrationRuntimeStatus.Running,
  // It has reported already; the report waits behind this very operation.
  OrchestrationRuntimeStatus.Completed,
]);

async function started(
  { client, tenantId, side, telemetry }: Place,
  { name, instanceId, input }: Start,
): Promise<boolean> {
  try {
    await client.startNew(name, { instanceId, input });
    return true;
  } catch (error) {
    // This very operation may have started it before it was interrupted and run again.
    const status = await client.getStatus(instanceId).catch(() => undefined);
    if (status !== undefined && underWay.has(status.runtimeStatus)) return true;
    telemetry.record('deliveryNotStarted', { side, kind: errorKind(error) }, { tenantId });
    return false;
  }
}
