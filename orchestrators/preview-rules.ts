/** Works out what rules that are tried would do to everybody, page by page, and forgets it an hour later. */
import { app, type OrchestrationContext } from 'durable-functions';
import {
  forgetPreview,
  previewRulesName,
  previewRulesSchema,
  previewUsers,
} from '../contracts/sync-rules.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { insist, secondsFromNow, type Dependencies, type Step } from './steps.ts';

const pagesPerGeneration = 20;
const keptSeconds = 3600;

export function registerPreviewRules({ telemetry }: Dependencies): void {
  app.orchestration(previewRulesName, (context) => previewRules(context, telemetry));
}

function* previewRules(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { page: first, ...trial } = previewRulesSchema.parse(context.df.getInput());
  let page = first;
  for (let turn = 0; turn < pagesPerGeneration; turn++) {
    const { current, next } = yield* insist(context, previewUsers, { ...trial, page }, telemetry);
    if (!current) return;
    if (next === undefined) {
      yield context.df.createTimer(secondsFromNow(context, keptSeconds));
      yield* insist(context, forgetPreview, trial, telemetry);
      return;
    }
    page = next;
  }
  context.df.continueAsNew({ ...trial, page });
}
