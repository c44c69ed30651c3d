/**
 * The door for the marketplace's webhooks. Tells the genuine from the forged, starts `handleMarketplaceOperation` and answers
 * at once; what a webhook says is read again from the marketplace before anything is believed (SaaS fulfillment APIs v2,
 * "Implementing a webhook on the SaaS service"). A 4xx would refuse a change, so trouble of ours is a 503, which is repeated.
 */
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import { webhookBody } from '../clients/marketplace/marketplace-answers.ts';
import type { VerifyWebhookToken } from '../clients/marketplace/webhook-token.ts';
import { startUnlessDone } from '../clients/orchestrations.ts';
import { operationInstanceId } from '../contracts/identities.ts';
import { handleMarketplaceOperationName } from '../contracts/marketplace.ts';
import type { CounterAttributes, Telemetry } from '../domain/telemetry.ts';
import { isFailure } from '../domain/vendor-error.ts';
import { problem, readJson } from './answers.ts';

interface Dependencies {
  verify: VerifyWebhookToken;
  telemetry: Telemetry;
}

export function registerMarketplaceWebhook(dependencies: Dependencies): void {
  app.http('marketplaceWebhook', {
    methods: ['POST'],
    authLevel: 'anonymous',
    route: 'marketplace/webhook',
    extraInputs: [input.durableClient()],
    handler: (request, context) => receive(dependencies, request, context),
  });
}

async function receive(
  { verify, telemetry }: Dependencies,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const told = (outcome: CounterAttributes<'marketplaceWebhooks'>['outcome']): void =>
    telemetry.count('marketplaceWebhooks', { outcome });
  const verdict = await verifyOrWait(verify, request);
  if (verdict !== 'genuine') {
    told(verdict);
    if (verdict === 'forged') return problem(401, 'The token is not one of the marketplace.');
    return problem(503, 'The token cannot be verified now.');
  }
  const read = await readJson(request);
  const parsed = 'refusal' in read ? undefined : webhookBody.safeParse(read.body);
  if (parsed?.success !== true) {
    told('unreadable');
    if ('refusal' in read) return read.refusal;
    const faults = parsed?.error.issues.map(({ path }) => [path.join('.'), 'is missing or unreadable']) ?? [];
    return problem(400, 'The body is no webhook of the marketplace.', Object.fromEntries(faults));
  }
  const { operationId, subscriptionId: tenantId } = parsed.data;
  try {
    await startUnlessDone(getClient(context), {
      name: handleMarketplaceOperationName,
      instanceId: operationInstanceId(operationId),
      input: { tenantId, operationId },
    });
  } catch {
    told('notStarted');
    return problem(503, 'The webhook cannot be taken in now.');
  }
  told('accepted');
  return { status: 200 };
}

async function verifyOrWait(
  verify: VerifyWebhookToken,
  request: HttpRequest,
): Promise<'genuine' | 'forged' | 'unverifiable'> {
  try {
    return (await verify(request.headers.get('authorization'))).kind;
  } catch (error) {
    if (isFailure(error, 'unavailable')) return 'unverifiable';
    throw error;
  }
}
