/** What the steps of a directory's run have in common. */
import type { DurableClient } from 'durable-functions';
import type { Side } from '../../domain/presence.ts';
import type { Telemetry } from '../../domain/telemetry.ts';
import type { Store } from '../../store/store.ts';
import type { TenantRow } from '../../store/tenants.ts';
import { tellCustomer, tidingsOfFailure } from './customer-log.ts';
import { asReadOutcome } from './read-outcome.ts';
import { servedTenant } from './served-tenant.ts';

/** The tenant as long as it is served and no newer run has begun, which would do all again. */
export async function tenantOfRun(
  store: Store,
  { tenantId, run }: { tenantId: string; run: number },
): Promise<TenantRow | undefined> {
  const sync = await store.directorySyncs.find(tenantId);
  return sync.run === run ? servedTenant(store, tenantId) : undefined;
}

/** Runs the reading of a side; a vendor's failure is told to the customer, and becomes an answer (`asReadOutcome`). */
export function asDirectoryStep<Read>(
  dependencies: { store: Store; clock: () => Date },
  tools: { durable: DurableClient; telemetry: Telemetry },
  { tenantId, side }: { tenantId: string; side: Side },
  read: () => Promise<Read>,
): ReturnType<typeof asReadOutcome<Read>> {
  const refused = (code: string) => ({ kind: 'directoryUnread' as const, side, code });
  return asReadOutcome((error) => {
    const tidings = tidingsOfFailure(error, { side, at: dependencies.clock(), refused });
    return tellCustomer(dependencies, tools, tenantId, tidings);
  }, read);
}

/** True where nobody is found of those who were known: that is not believed, and nobody is removed for it. */
export function isNobodyFound({ all, unseen }: { all: number; unseen: number }): boolean {
  return unseen > 0 && all === unseen;
}

/** Our own word for a directory in which nobody is found although people are mapped: it is not believed. */
export const nobodyFound = 'NobodyFound';
