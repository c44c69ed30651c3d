/**
 * Sees to it that whatever is due is being erased: hourly and whenever the app starts. It reads SQL alone, so that nothing is
 * durable while nothing is due.
 */
import { app as functions, type InvocationContext, type Timer } from '@azure/functions';
import { getClient, input, type DurableClient } from 'durable-functions';
import { startUnlessUnderWay } from '../clients/orchestrations.ts';
import { erasureOf } from '../contracts/erase-tenant-data.ts';
import { hoursLate, isLate } from '../domain/erasure-plan.ts';
import { errorKind } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import type { TenantsDeletion } from '../store/erasure.ts';
import type { Store } from '../store/store.ts';

interface Dependencies {
  store: Pick<Store, 'dueDeletions'>;
  telemetry: Telemetry;
  clock: () => Date;
}

const hourly = '0 20 * * * *';
const pageSize = 50;

export function registerSweepDueDeletions({ store, telemetry, clock }: Dependencies): void {
  functions.timer('sweepDueDeletions', {
    schedule: hourly,
    runOnStartup: true,
    extraInputs: [input.durableClient()],
    handler: async (_timer: Timer, context: InvocationContext) => {
      const client = getClient(context);
      const now = clock();
      let last: TenantsDeletion | undefined;
      do {
        const page: TenantsDeletion[] = await store.dueDeletions.due(now, pageSize, last);
        for (const deletion of page) await seeTo(client, deletion, { telemetry, now });
        last = page.length < pageSize ? undefined : page.at(-1);
      } while (last !== undefined);
    },
  });
}

/** One that cannot be started keeps none of the others. */
async function seeTo(
  client: DurableClient,
  { tenantId, category, dueAt }: TenantsDeletion,
  { telemetry, now }: { telemetry: Telemetry; now: Date },
): Promise<void> {
  if (isLate(dueAt, now)) {
    telemetry.record('erasureOverdue', { category, hours: hoursLate(dueAt, now) }, { tenantId });
  }
  try {
    await startUnlessUnderWay(client, erasureOf(tenantId, category));
  } catch (error) {
    telemetry.record('erasureNotStarted', { category, kind: errorKind(error) }, { tenantId });
  }
}
