/**
 * Has a change of the rules hold: for everybody, page by page, or for the one person whose exception was changed. Each page is
 * told what the store holds by then, so that several changes at once end with the newest for all.
 */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  applyRulesName,
  applyRulesSchema,
  concludeRules,
  superviseRules,
  tellRules,
} from '../contracts/sync-rules.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { insist, type Dependencies, type Step } from './steps.ts';

const pagesPerGeneration = 20;

export function registerApplyRules({ telemetry }: Dependencies): void {
  app.orchestration(applyRulesName, (context) => applyRules(context, telemetry));
}

function* applyRules(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { after: first, number, ...who } = applyRulesSchema.parse(context.df.getInput());
  let after = first;
  for (let turn = 0; ; turn++) {
    if (turn === pagesPerGeneration) {
      context.df.continueAsNew({ ...who, number, after });
      return;
    }
    const { served, next } = yield* insist(context, tellRules, { ...who, after }, telemetry);
    // Who comes back is told when they are taken up again.
    if (!served) return;
    if (next === undefined) break;
    after = next;
  }
  yield* insist(context, concludeRules, { ...who, number }, telemetry);
  const { tenantId } = who;
  yield* insist(context, superviseRules, { tenantId, catchUp: false }, telemetry);
}
