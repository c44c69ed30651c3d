/**
 * Reads a tenant's directories on both sides and has people mapped as they say: who has come is looked after, who has gone is let
 * go of. Each night, when the customer asks, and as a part of `onboardTenant`, which tells people and starts keepers itself.
 */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import { entityNames } from '../contracts/identities.ts';
import { readNewcomers, superviseSubscriptions } from '../contracts/onboard-tenant.ts';
import {
  applyDirectory,
  beginDirectory,
  concludeDirectory,
  enrolPlaced,
  readDirectoryExtensions,
  readDirectoryUsers,
  syncDirectoryName,
  syncDirectorySchema,
  type ExtensionsRead,
  type UsersRead,
} from '../contracts/sync-directory.ts';
import { manyWouldLeave } from '../domain/directory-sync.ts';
import { sideSchema, type Side } from '../domain/presence.ts';
import { vendorCode } from '../domain/telemetry-words.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { noteConnection } from './note-connection.ts';
import { insist, live, secondsFromNow, type Dependencies, type Step } from './steps.ts';

const patienceSeconds = 3600;
/** A vendor that is down is asked less and less often. */
const firstPauseSeconds = 15;
const longestPauseSeconds = 300;

export function registerSyncDirectory({ telemetry }: Dependencies): void {
  app.orchestration(syncDirectoryName, (context) => syncDirectory(context, telemetry));
}

interface Run {
  tenantId: string;
  run: number;
  /** Until when vendors that ask to wait are waited for. */
  until: Date;
  telemetry: Telemetry;
}

/** How a side was read: wholly, not, or no more because the run is over. */
type Reading = { kind: 'read' } | { kind: 'failed'; code: string } | { kind: 'over' };

function* syncDirectory(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const input = syncDirectorySchema.parse(context.df.getInput());
  const { tenantId, occasion } = input;
  // Who connects anew may have put right what the last reading has failed for.
  const begin = { tenantId, onlyIfDue: occasion !== 'asked', afterFailure: occasion === 'onboarding' };
  const begun = yield* insist(context, beginDirectory, begin, telemetry);
  if (begun.kind === 'notNeeded') return;
  const until = secondsFromNow(context, patienceSeconds);
  const run: Run = { tenantId, run: begun.run, until, telemetry };
  const reading = yield* readBoth(context, run);
  if (reading.kind === 'over') return;
  const code = reading.kind === 'read' ? yield* apply(context, run, occasion === 'onboarding') : reading.code;
  const ended = code === undefined ? ({ outcome: 'done' } as const) : ({ outcome: 'failed', code } as const);
  const step = { tenantId, run: run.run, ...ended };
  const { again } = yield* insist(context, concludeDirectory, step, telemetry);
  // Who has asked before knowing that many would leave has not said that they are to.
  if (again && code !== manyWouldLeave) context.df.continueAsNew({ tenantId, occasion: 'asked' });
}

function* readBoth(context: OrchestrationContext, run: Run): Step<Reading> {
  const users = yield* readUsers(context, run);
  return users.kind === 'read' ? yield* readExtensions(context, run) : users;
}

function* readUsers(context: OrchestrationContext, run: Run): Step<Reading> {
  const { tenantId, telemetry } = run;
  for (let waits = 0; ; waits++) {
    const input = { tenantId, run: run.run };
    const read: UsersRead = yield* insist(context, readDirectoryUsers, input, telemetry);
    if (read.kind === 'read') {
      if (!read.more) return { kind: 'read' };
      waits = -1;
      continue;
    }
    const end = yield* waitOrEnd(context, run, { side: 'teams', read, waits });
    if (end !== undefined) return end;
  }
}

function* readExtensions(context: OrchestrationContext, run: Run): Step<Reading> {
  const { tenantId, telemetry } = run;
  let listing: z.infer<typeof readDirectoryExtensions.input>['listing'] = { page: 1, again: false };
  for (let waits = 0; ; waits++) {
    const input = { tenantId, run: run.run, listing };
    const read: ExtensionsRead = yield* insist(context, readDirectoryExtensions, input, telemetry);
    if (read.kind !== 'read') {
      const end = yield* waitOrEnd(context, run, { side: 'ringCentral', read, waits });
      if (end !== undefined) return end;
      continue;
    }
    if (read.next === undefined) return { kind: 'read' };
    listing = read.next;
    waits = -1;
    if (read.pauseSeconds !== undefined) {
      yield context.df.createTimer(secondsFromNow(context, read.pauseSeconds));
    }
  }
}

/** Undefined when it is worth trying again, the vendor's pause being over. */
function* waitOrEnd(
  context: OrchestrationContext,
  { tenantId, until, telemetry }: Run,
  { side, read, waits }: { side: Side; read: Exclude<UsersRead, { kind: 'read' }>; waits: number },
): Step<Reading | undefined> {
  if (read.kind === 'over') return { kind: 'over' };
  if (read.kind === 'wait') {
    const pause = Math.min(firstPauseSeconds * 2 ** waits, longestPauseSeconds);
    const at = secondsFromNow(context, Math.max(read.seconds, pause));
    if (at < until) {
      yield context.df.createTimer(at);
      return undefined;
    }
  }
  if (read.kind === 'reconnectRequired') {
    noteConnection(context, tenantId, { side, health: read.kind, code: read.code });
  }
  const code = read.kind === 'wait' ? 'TimedOut' : read.code;
  live(context, telemetry).record('directoryUnread', { side, code: vendorCode(code) }, { tenantId });
  return { kind: 'failed', code };
}

/** Answers the code for why nothing was changed, where that is so. */
function* apply(context: OrchestrationContext, run: Run, isOnboarding: boolean): Step<string | undefined> {
  const { tenantId, telemetry } = run;
  const applied = yield* insist(context, applyDirectory, { tenantId, run: run.run }, telemetry);
  if (applied.kind === 'held') {
    live(context, telemetry).record('departuresHeld', { count: applied.leaving }, { tenantId });
    return manyWouldLeave;
  }
  if (applied.kind === 'applied' && !isOnboarding) yield* takeOn(context, run, applied);
  return undefined;
}

/** Has people told whom the directories have brought, and subscriptions watch who is mapped now. */
function* takeOn(
  context: OrchestrationContext,
  run: Run,
  applied: Extract<z.infer<typeof applyDirectory.output>, { kind: 'applied' }>,
): Step<void> {
  const { tenantId, telemetry } = run;
  const enrolled = yield* enrolAll(context, run);
  if (!applied.changed && enrolled === 0) return;
  const { seats, version } = applied;
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'activate', { seats, version });
  if (enrolled > 0) yield* insist(context, readNewcomers, { tenantId }, telemetry);
  // Keepers make anew what watches others than before, and have them read; what watches the same people they leave alone.
  yield* insist(context, superviseSubscriptions, { tenantId, sides: sideSchema.options }, telemetry);
}

function* enrolAll(context: OrchestrationContext, { tenantId, telemetry }: Run): Step<number> {
  let enrolled = 0;
  for (;;) {
    const page: z.infer<typeof enrolPlaced.output> = yield* insist(
      context,
      enrolPlaced,
      { tenantId },
      telemetry,
    );
    enrolled += page.enrolled;
    if (!page.more) return enrolled;
  }
}
