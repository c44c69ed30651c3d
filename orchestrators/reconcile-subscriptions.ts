/** Compares all that was ever bought with what we know of it, page by page, once a day. */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  reconcilePage,
  reconcileSubscriptionsName,
  reconcileSubscriptionsSchema,
} from '../contracts/marketplace.ts';
import { call, type Step } from './steps.ts';

const pagesPerGeneration = 20;

export function registerReconcileSubscriptions(): void {
  app.orchestration(reconcileSubscriptionsName, reconcileSubscriptions);
}

function* reconcileSubscriptions(context: OrchestrationContext): Step<void> {
  let { continuationToken } = reconcileSubscriptionsSchema.parse(context.df.getInput());
  for (let page = 0; page < pagesPerGeneration; page += 1) {
    const compared = yield* call(context, reconcilePage, {
      ...(continuationToken !== undefined && { continuationToken }),
    });
    continuationToken = compared.next;
    if (continuationToken === undefined) return;
  }
  context.df.continueAsNew({ continuationToken });
}
