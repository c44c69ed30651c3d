/**
 * Sees a purchase from the landing page until it is active. Run for a subscription that is active already, or that has
 * ended, it brings ours in line with the marketplace's and begins what is left to be begun.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  activatePurchase,
  activateSubscriptionName,
  activateSubscriptionSchema,
  applySubscription,
  beginSubscriptionWork,
} from '../contracts/marketplace.ts';
import { call, secondsFromNow, type Step } from './steps.ts';

/** Activation takes seconds; the marketplace sends a webhook, too, when it is done. */
const settlingSeconds = [2, 2, 4, 8, 15, 30, 60, 120, 300, 600] as const;

export function registerActivateSubscription(): void {
  app.orchestration(activateSubscriptionName, activateSubscription);
}

function* activateSubscription(context: OrchestrationContext): Step<{ state: string | undefined }> {
  const { tenantId } = activateSubscriptionSchema.parse(context.df.getInput());
  yield* call(context, beginSubscriptionWork, { tenantId });
  yield* call(context, activatePurchase, { tenantId });
  let applied = yield* call(context, applySubscription, { tenantId });
  for (const seconds of settlingSeconds) {
    if (applied.settled) break;
    yield context.df.createTimer(secondsFromNow(context, seconds));
    applied = yield* call(context, applySubscription, { tenantId });
  }
  return { state: applied.state };
}
