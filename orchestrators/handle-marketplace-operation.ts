/**
 * Sees one webhook of the marketplace through: weighs its operation, answers it where an answer is awaited, and brings our
 * subscription in line with what the marketplace says then. What fails is tried again for a day.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  acknowledgeOperation,
  applySubscription,
  handleMarketplaceOperationName,
  handleMarketplaceOperationSchema,
  weighOperation,
} from '../contracts/marketplace.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { live, secondsFromNow, tryCall, type Dependencies, type Step } from './steps.ts';

const troubleSeconds = 600;
const mostRounds = 144;
/** An answered operation is carried out within seconds, as a rule; what takes longer is left to the daily comparison. */
const settlingSeconds = [1, 2, 4, 8, 15, 30, 60, 120, 300] as const;

export function registerHandleMarketplaceOperation({ telemetry }: Dependencies): void {
  app.orchestration(handleMarketplaceOperationName, (context) =>
    handleMarketplaceOperation(context, telemetry),
  );
}

function* handleMarketplaceOperation(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { round, ...operation } = handleMarketplaceOperationSchema.parse(context.df.getInput());
  if (yield* seeThrough(context, operation, telemetry)) return;
  if (round + 1 >= mostRounds) {
    const { tenantId } = operation;
    live(context, telemetry).record('operationGivenUp', { activity: applySubscription.name }, { tenantId });
    return;
  }
  yield context.df.createTimer(secondsFromNow(context, troubleSeconds));
  context.df.continueAsNew({ ...operation, round: round + 1 });
}

/** False where the marketplace or our own store was away for all the patience of an activity. */
function* seeThrough(
  context: OrchestrationContext,
  operation: { tenantId: string; operationId: string },
  telemetry: Telemetry,
): Step<boolean> {
  const weighed = yield* tryCall(context, weighOperation, { input: operation, telemetry });
  if (weighed === undefined) return false;
  if (weighed.answer !== undefined) {
    const input = { ...operation, answer: weighed.answer };
    if ((yield* tryCall(context, acknowledgeOperation, { input, telemetry })) === undefined) return false;
  }
  for (const seconds of settlingSeconds) {
    const applied = yield* tryCall(context, applySubscription, { input: operation, telemetry });
    if (applied === undefined) return false;
    if (applied.settled) break;
    yield context.df.createTimer(secondsFromNow(context, seconds));
  }
  return true;
}
