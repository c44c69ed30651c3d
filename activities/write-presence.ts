/**
 * Writes to one side what its outbox has handed out for these people. Called by `deliverPresence`. Run twice, it reads
 * what the side shows before it repeats a write whose outcome is unknown.
 */
import type { DurableClient } from 'durable-functions';
import type { writePresence } from '../contracts/deliver-presence.ts';
import { toldOfWrites, type Told } from '../domain/customer-log-occasions.ts';
import type { BatchReport, HandedOut, WaitingWish, WriteResult } from '../domain/outbox.ts';
import type { Side } from '../domain/presence.ts';
import { vendorCode } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { VendorError } from '../domain/vendor-error.ts';
import type { Budget } from '../domain/write-budget.ts';
import type { Store } from '../store/store.ts';
import type { TenantRow } from '../store/tenants.ts';
import type { Effect } from './shared/activity.ts';
import { tellCustomer, tidingsOfFailure, type Tidings } from './shared/customer-log.ts';
import { lookBeneath } from './shared/look-beneath.ts';
import { noteConvergence } from './shared/note-convergence.ts';
import { outboxOf } from './shared/outbox-of.ts';
import type { SideWriter } from './shared/side-writers.ts';

interface Dependencies {
  store: Store;
  writers: Record<Side, SideWriter>;
  telemetry: Telemetry;
  clock: () => Date;
}

export function makeWritePresence(dependencies: Dependencies): Effect<typeof writePresence> {
  const { store, writers, telemetry, clock } = dependencies;
  return async ({ tenantId, side, wishes: names }, tools) => {
    const wishes = await handedOut(tools.durable, { tenantId, side, names });
    const tenant = await store.tenants.find(tenantId);
    const missing = names.filter((name) => !wishes.some((wish) => isNamed(wish, name)));
    const report = new Report(missing, clock);
    if (wishes.length === 0 || tenant === undefined) return report.value;
    const writer = writers[side];
    const attempted = await store.deliveryAttempts.begin(tenantId, side, wishes);
    const repeated = wishes.filter((wish) => attempted.has(wish.targetId));
    // Turned away or not, what was attempted before may have been carried out.
    const shown = await report.guard(repeated, () => writer.alreadyShown(tenant, repeated), 'retry');
    if (shown !== undefined) await writeAll(tenant, writer, report, skip(wishes, shown, report));
    report.end(wishes);
    await store.deliveryAttempts.forget(tenantId, side, report.unsent(wishes));
    tell(telemetry, { tenantId, side, wishes }, report.value);
    const { results } = report.value;
    await noteConvergence(dependencies, tools, { tenantId, side, ordered: names, wishes, results });
    await tellCustomer(dependencies, tools, tenantId, tidings(side, names, report, clock()));
    if (side === 'teams') await lookBeneath(dependencies, tools.durable, { tenantId, wishes, results });
    return report.value;
  };
}

/** After `forget`: an attempt that is not forgotten in time costs a read, an entry that comes late costs nothing. */
function tidings(side: Side, ordered: readonly HandedOut[], report: Report, at: Date): Tidings {
  const told: (Told | undefined)[] = [toldOfWrites(side, ordered, report.written)];
  let connection: Tidings['connection'];
  for (const { userId, error } of report.failures) {
    const refused = (code: string) => ({ kind: 'presenceRefused' as const, side, userId, code });
    const failure = tidingsOfFailure(error, { side, at, refused });
    told.push(...(failure.told ?? []));
    connection ??= failure.connection;
  }
  return { told, connection };
}

/** Every write is counted; of whom one failed is told by pseudonym, and nothing of those that went well. */
function tell(
  telemetry: Telemetry,
  { tenantId, side, wishes }: { tenantId: string; side: Side; wishes: readonly WaitingWish[] },
  { results }: BatchReport,
): void {
  const userIds = new Map(wishes.map(({ targetId, userId }) => [targetId, userId]));
  for (const { targetId, result, code } of results) {
    telemetry.count('presenceWrites', { side, result });
    if (result === 'done') continue;
    const userId = userIds.get(targetId);
    const about = userId === undefined ? { tenantId } : { tenantId, userId };
    const reason = code === undefined ? {} : { code: vendorCode(code) };
    telemetry.record('presenceNotWritten', { side, result, ...reason }, about);
  }
}

function skip(wishes: WaitingWish[], shown: Set<string>, report: Report): WaitingWish[] {
  for (const wish of wishes) if (shown.has(wish.targetId)) report.shown(wish);
  return wishes.filter((wish) => !shown.has(wish.targetId));
}

async function writeAll(
  tenant: TenantRow,
  writer: SideWriter,
  report: Report,
  wishes: WaitingWish[],
): Promise<void> {
  for (let start = 0; start < wishes.length && report.mayGoOn; start += writer.atOnce) {
    const together = wishes.slice(start, start + writer.atOnce);
    const written = await report.guard(together, () => writer.write(tenant, together));
    for (const [index, { error, budget }] of (written ?? []).entries()) {
      const wish = together[index];
      if (wish === undefined) continue;
      report.budget(budget);
      if (error === undefined) report.done(wish);
      else report.failed(wish, error, 'unsent');
    }
  }
}

/**
 * The wishes as the outbox keeps them in flight: they pass by the history, which must hold no presence. What is read may
 * be older than the order, so only what is of the revision ordered counts.
 */
async function handedOut(
  durable: DurableClient,
  { tenantId, side, names }: { tenantId: string; side: Side; names: readonly HandedOut[] },
): Promise<WaitingWish[]> {
  const { inFlight = {} } = (await outboxOf(durable, tenantId, side)) ?? {};
  // In the order in which they were handed out, which the keys of a record do not keep: ids are numbers.
  return names.flatMap((name) => {
    const wish = inFlight[name.targetId];
    return wish !== undefined && isNamed(wish, name) ? [wish] : [];
  });
}

function isNamed(wish: HandedOut, name: HandedOut): boolean {
  return wish.targetId === name.targetId && wish.revision === name.revision;
}

/** A vendor that fails so often within a batch is down; the rest of the batch need not wait for its time-outs, too. */
const mostUnavailable = 3;

/** Gathers how a batch ends, and when it has to stop. */
class Report {
  /** The people for whom a write is done, and those at whom the vendor failed. */
  readonly written: string[] = [];
  readonly failures: { userId: string; error: VendorError }[] = [];
  readonly #clock: () => Date;
  readonly #results = new Map<string, WriteResult>();
  #unavailable = 0;
  #rest: Omit<BatchReport, 'results'> = {};

  /** What was ordered but is not to be found is to be ordered again. */
  constructor(missing: readonly HandedOut[], clock: () => Date) {
    this.#clock = clock;
    this.end(missing);
  }

  get value(): BatchReport {
    return { results: [...this.#results.values()], ...this.#rest };
  }

  /** False once the vendor wants no more requests for now. */
  get mayGoOn(): boolean {
    const { retryAfterSeconds, consentRevoked, budget } = this.#rest;
    const isStopped = retryAfterSeconds !== undefined || consentRevoked !== undefined;
    return !isStopped && budget?.remaining !== 0 && this.#unavailable < mostUnavailable;
  }

  done(wish: WaitingWish): void {
    this.written.push(wish.userId);
    this.#sent(wish, 'done');
  }

  /** What it asks for was carried out before, or is there by itself. */
  shown(wish: WaitingWish): void {
    this.written.push(wish.userId);
    this.#note(wish, { result: 'done' });
  }

  budget(budget: Budget | undefined): void {
    if (budget !== undefined) this.#rest.budget = { ...budget, at: this.#clock().toISOString() };
  }

  /** Of these, whatever the batch has not come to has not been sent. */
  end(wishes: readonly HandedOut[]): void {
    for (const wish of wishes) {
      if (!this.#results.has(wish.targetId)) this.#note(wish, { result: 'unsent' });
    }
  }

  /** Those of whom the vendor certainly knows nothing: turned away, or not reached before the batch stopped. */
  unsent(wishes: readonly WaitingWish[]): string[] {
    return wishes
      .map((wish) => wish.targetId)
      .filter((targetId) => this.#results.get(targetId)?.result === 'unsent');
  }

  /**
   * Runs a vendor call made for these wishes; answers undefined, and takes note, where the vendor fails. `ifTurnedAway`
   * is what they have come to when the vendor did not even look at the call.
   */
  async guard<T>(
    wishes: readonly WaitingWish[],
    call: () => Promise<T>,
    ifTurnedAway: 'unsent' | 'retry' = 'unsent',
  ): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      for (const wish of wishes) this.failed(wish, error, ifTurnedAway);
      return undefined;
    }
  }

  failed(wish: WaitingWish, error: VendorError, ifTurnedAway: 'unsent' | 'retry'): void {
    const { failure, code, retryAfterSeconds } = error;
    if (failure === 'notFound' && wish.hold === null) {
      // Whoever is gone has nothing of ours any more.
      this.done(wish);
      return;
    }
    this.failures.push({ userId: wish.userId, error });
    switch (failure) {
      case 'throttled':
        this.#sent(wish, ifTurnedAway);
        this.#waitAtLeast(retryAfterSeconds ?? 60);
        break;
      case 'unavailable':
        this.#sent(wish, 'retry');
        this.#unavailable += 1;
        if (retryAfterSeconds !== undefined) this.#waitAtLeast(retryAfterSeconds);
        break;
      case 'consentRevoked':
        this.#sent(wish, ifTurnedAway);
        this.#rest.consentRevoked = code;
        break;
      case 'notFound':
      case 'conflict':
      case 'rejected':
        this.#sent(wish, 'rejected', code);
        break;
    }
  }

  #sent(wish: HandedOut, result: WriteResult['result'], code?: string): void {
    const at = this.#clock().toISOString();
    this.#note(wish, { result, at, ...(code !== undefined && { code }) });
  }

  #note({ targetId, revision }: HandedOut, result: Pick<WriteResult, 'result' | 'code' | 'at'>): void {
    this.#results.set(targetId, { targetId, revision, ...result });
  }

  #waitAtLeast(seconds: number): void {
    this.#rest.retryAfterSeconds = Math.max(this.#rest.retryAfterSeconds ?? 0, seconds);
  }
}
