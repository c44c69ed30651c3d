/** Drains the outbox of one side of one tenant at the vendor's pace, then ends. Started by `presenceOutbox`. */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import { deliverPresenceName, deliverPresenceSchema, writePresence } from '../contracts/deliver-presence.ts';
import { entityNames, outboxKey } from '../contracts/identities.ts';
import { nextOrderSchema, type BatchReport, type NextOrder } from '../domain/outbox.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { secondsFromNow, tryCall, type Dependencies, type Step } from './steps.ts';

const roundsPerGeneration = 20;
const troubleSeconds = 60;

export function registerDeliverPresence({ telemetry }: Dependencies): void {
  app.orchestration(deliverPresenceName, (context) => deliverPresence(context, telemetry));
}

function* deliverPresence(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const input = deliverPresenceSchema.parse(context.df.getInput());
  const { tenantId, side, epoch } = input;
  let report = input.report;
  for (let round = 0; round < roundsPerGeneration; round++) {
    const order = yield* nextOrder(context, { tenantId, side, epoch, report });
    if (order.kind === 'closed') return;
    if (order.kind === 'wait') {
      yield context.df.createTimer(new Date(order.until));
      report = undefined;
    } else {
      const write = { tenantId, side, wishes: order.wishes };
      report = yield* tryCall(context, writePresence, { input: write, telemetry });
      if (report === undefined) yield context.df.createTimer(secondsFromNow(context, troubleSeconds));
    }
  }
  context.df.continueAsNew({ tenantId, side, epoch, report });
}

function* nextOrder(
  context: OrchestrationContext,
  ask: { tenantId: string; side: 'teams' | 'ringCentral'; epoch: number; report: BatchReport | undefined },
): Step<NextOrder> {
  const outbox = new EntityId(entityNames.presenceOutbox, outboxKey(ask.tenantId, ask.side));
  const at = context.df.currentUtcDateTime.toISOString();
  return nextOrderSchema.parse(
    yield context.df.callEntity(outbox, 'next', { epoch: ask.epoch, report: ask.report, at }),
  );
}
