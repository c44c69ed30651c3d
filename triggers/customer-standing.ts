/** What customers may read of how they are served, and change of their rules, by where their subscription stands. */
import type { DurableClient } from 'durable-functions';
import { startUnlessDone } from '../clients/orchestrations.ts';
import type { Start } from '../contracts/durable.ts';
import { canBeCopied, mayChangeRules } from '../domain/customer-status.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import type { Store } from '../store/store.ts';
import { problem, type Answer } from './answers.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

/** Why nothing can be read: undefined where service data is there. */
export async function nothingToRead(
  { store, clock }: Dependencies,
  tenantId: string,
): Promise<Answer | undefined> {
  const subscription = await store.subscriptions.find(tenantId);
  const deletions = await store.dueDeletions.of(tenantId);
  if (canBeCopied(subscription?.state ?? 'forgotten', deletions, clock())) return undefined;
  return problem(404, 'There is nothing any more: it is erased, or is being erased.');
}

/** Why nothing can be changed: undefined where the subscription is active. */
export async function nothingToChange(
  dependencies: Dependencies,
  tenantId: string,
): Promise<Answer | undefined> {
  const { store } = dependencies;
  const subscription = await store.subscriptions.find(tenantId);
  const deletions = await store.dueDeletions.of(tenantId);
  if (mayChangeRules(subscription?.state ?? 'forgotten', deletions)) return undefined;
  return (
    (await nothingToRead(dependencies, tenantId)) ??
    problem(409, 'Rules can be changed while the subscription is active, and it is not.')
  );
}

/** Begins what a change brings about; the refusal where that cannot be begun now. The night after makes up for it. */
export async function begin(
  durable: DurableClient,
  { telemetry, tenantId }: { telemetry: Telemetry; tenantId: string },
  run: Start,
): Promise<Answer | undefined> {
  try {
    await startUnlessDone(durable, run);
    return undefined;
  } catch (error) {
    telemetry.record('workNotBegun', { kind: errorKind(error) }, { tenantId });
    const refused = problem(
      503,
      'This is saved, but cannot be carried out now. Please ask again in a minute.',
    );
    return { ...refused, headers: { ...refused.headers, 'retry-after': '60' } };
  }
}
