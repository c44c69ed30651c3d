/** Takes note of how long the changes of a batch took to show, and tells of those that still do not. Called by `writePresence`. */
import { createHash } from 'node:crypto';
import type { DurableClient } from 'durable-functions';
import { figuresOf } from '../../domain/convergence.ts';
import { toldOfOverdue } from '../../domain/customer-log-occasions.ts';
import type { HandedOut, WaitingWish, WriteResult } from '../../domain/outbox.ts';
import type { Side } from '../../domain/presence.ts';
import { errorKind } from '../../domain/telemetry-words.ts';
import type { Telemetry } from '../../domain/telemetry.ts';
import type { Store } from '../../store/store.ts';
import { tellCustomer } from './customer-log.ts';

interface Batch {
  tenantId: string;
  side: Side;
  /** What was ordered; run again, the activity has the same order. */
  ordered: readonly HandedOut[];
  wishes: readonly WaitingWish[];
  results: readonly WriteResult[];
}

/** Never rejects: the writes are done, and an activity that ran again for the sake of a figure would look for them at the vendor. */
export async function noteConvergence(
  dependencies: { store: Store; clock: () => Date },
  tools: { durable: DurableClient; telemetry: Telemetry },
  { tenantId, side, ordered, wishes, results }: Batch,
): Promise<void> {
  const { store, clock } = dependencies;
  const at = clock();
  const since = new Map(wishes.map((wish) => [wish.targetId, wish.since]));
  const figures = figuresOf(
    results.map(({ targetId, result }) => ({ since: since.get(targetId), result })),
    at,
  );
  const { delays, refused, overdue } = figures;
  for (const delay of delays) tools.telemetry.measure('convergenceMs', { side }, delay);
  if (overdue > 0) {
    tools.telemetry.record('notConverged', { side, count: overdue }, { tenantId });
    await tellCustomer(dependencies, tools, tenantId, { told: [toldOfOverdue(side, overdue, at)] });
  }
  // What has come to nothing yet will be ordered again under the same name, and must count then.
  if (delays.length + refused === 0) return;
  try {
    await store.convergence.add(tenantId, side, { id: nameOf(ordered), figures, at });
  } catch (error) {
    tools.telemetry.record('figuresNotKept', { kind: errorKind(error) }, { tenantId });
  }
}

function nameOf(ordered: readonly HandedOut[]): string {
  const names = ordered.map(({ targetId, revision }) => `${targetId}:${revision}`).toSorted();
  return createHash('sha256').update(names.join(' ')).digest('base64url');
}
