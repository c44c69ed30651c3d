/** Makes the copy that a customer has asked for. Started by `askForExport`, under one id for each tenant. */
import { app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import { exportCopyName, exportCopySchema, offerExport } from '../contracts/offer-export.ts';
import { call, type Step } from './steps.ts';

export function registerExportCopy(): void {
  app.orchestration(exportCopyName, exportCopy);
}

function* exportCopy(context: OrchestrationContext): Step<z.infer<typeof offerExport.output>> {
  const { tenantId } = exportCopySchema.parse(context.df.getInput());
  const asked = context.df.currentUtcDateTime.toISOString();
  return yield* call(context, offerExport, { tenantId, asked });
}
