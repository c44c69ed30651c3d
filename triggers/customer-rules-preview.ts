/** Lets a customer try rules: what they would do to whom is worked out, and nothing is changed. */
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { getClient } from 'durable-functions';
import { z } from 'zod';
import { previewRun } from '../contracts/sync-rules.ts';
import { summarize } from '../domain/rules-preview.ts';
import { syncRulesSchema } from '../domain/sync-rules.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';
import { registerCustomerDoor, underWay, type CustomerDoor } from './customer-door.ts';
import { begin, nothingToChange, nothingToRead } from './customer-standing.ts';
import { readBody } from './read-body.ts';

interface Dependencies extends CustomerDoor {
  store: Store;
  clock: () => Date;
}

const route = 'subscription/rules/preview';
const soon = { 'retry-after': '5' };

export function registerCustomerRulesPreview(dependencies: Dependencies): void {
  registerCustomerDoor(
    dependencies,
    'previewOfRules',
    { method: 'POST', route },
    (tenantId, context, request) => ask(dependencies, { tenantId, context, request }),
  );
  registerCustomerDoor(dependencies, 'customerPreview', { method: 'GET', route }, (tenantId) =>
    tell(dependencies, tenantId),
  );
}

const bodySchema = z.strictObject({ rules: syncRulesSchema });

async function ask(
  dependencies: Dependencies,
  { tenantId, context, request }: { tenantId: string; context: InvocationContext; request: HttpRequest },
): Promise<Answer> {
  const { store, clock, telemetry } = dependencies;
  const read = await readBody(request, bodySchema, 'The rules are not right.');
  if ('refusal' in read) return read.refusal;
  const refusal = await nothingToChange(dependencies, tenantId);
  if (refusal !== undefined) return refusal;
  const askedAt = clock().toISOString();
  await store.rulePreviews.begin(tenantId, { askedAt, rules: read.body.rules });
  const unbegun = await begin(getClient(context), { telemetry, tenantId }, previewRun(tenantId, askedAt));
  return unbegun ?? underWay('preview');
}

async function tell(dependencies: Dependencies, tenantId: string): Promise<Answer> {
  const { rulePreviews } = dependencies.store;
  const refusal = await nothingToRead(dependencies, tenantId);
  if (refusal !== undefined) return refusal;
  const trial = await rulePreviews.find(tenantId);
  if (trial === undefined) return problem(404, 'There is no preview. Ask for one with POST.');
  const pages = await rulePreviews.pages(tenantId, trial.askedAt);
  if (pages.at(-1)?.isLast !== true) {
    const refused = problem(404, 'The preview is being made.');
    return { ...refused, headers: { ...refused.headers, ...soon } };
  }
  return { jsonBody: { askedAt: trial.askedAt, ...summarize(pages) } };
}
