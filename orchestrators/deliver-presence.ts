/**
 * Drains the outbox of one side of one tenant at the vendor's pace, then ends. Started by `presenceOutbox`, with what to do
 * first; after a batch behind which nothing waited it reports, and ends without asking.
 */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import {
  deliverPresenceName,
  deliverPresenceSchema,
  wakeEvent,
  writePresence,
} from '../contracts/deliver-presence.ts';
import { entityNames, outboxKey } from '../contracts/identities.ts';
import { nextOrderSchema, type BatchReport, type NextOrder } from '../domain/outbox.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { secondsFromNow, tryCall, waitUntilOr, type Dependencies, type Step } from './steps.ts';

const roundsPerGeneration = 20;
const troubleSeconds = 60;

export function registerDeliverPresence({ telemetry }: Dependencies): void {
  app.orchestration(deliverPresenceName, (context) => deliverPresence(context, telemetry));
}

type Delivery = Pick<z.infer<typeof deliverPresenceSchema>, 'tenantId' | 'side' | 'epoch'>;

function* deliverPresence(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { order: first, report: before, ...delivery } = deliverPresenceSchema.parse(context.df.getInput());
  const { tenantId, side } = delivery;
  let report = before;
  for (let round = 0; round < roundsPerGeneration; round++) {
    const handed = round === 0 ? first : undefined;
    const order = handed ?? (yield* nextOrder(context, delivery, report));
    if (order.kind === 'closed') return;
    if (order.kind === 'wait') {
      yield* waitUntilOr(context, order.until, wakeEvent);
      report = undefined;
      continue;
    }
    const write = { tenantId, side, wishes: order.wishes };
    report = yield* tryCall(context, writePresence, { input: write, telemetry });
    if (report === undefined) yield context.df.createTimer(secondsFromNow(context, troubleSeconds));
    else if (order.last === true) {
      context.df.signalEntity(outboxOf(delivery), 'ended', toldAt(context, delivery, report));
      return;
    }
  }
  context.df.continueAsNew({ ...delivery, report });
}

function* nextOrder(
  context: OrchestrationContext,
  delivery: Delivery,
  report: BatchReport | undefined,
): Step<NextOrder> {
  const ask = toldAt(context, delivery, report);
  return nextOrderSchema.parse(yield context.df.callEntity(outboxOf(delivery), 'next', ask));
}

function outboxOf({ tenantId, side }: Delivery): EntityId {
  return new EntityId(entityNames.presenceOutbox, outboxKey(tenantId, side));
}

function toldAt(context: OrchestrationContext, { epoch }: Delivery, report: BatchReport | undefined): object {
  return { epoch, report, at: context.df.currentUtcDateTime.toISOString() };
}
