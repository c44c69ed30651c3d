/** Takes on a tenant whose grants are in place: who its people are, the people themselves, then its vendor subscriptions. */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import { entityNames, onboardingDirectoryId } from '../contracts/identities.ts';
import {
  enrolUsers,
  onboardTenantName,
  onboardTenantSchema,
  readNewcomers,
  superviseSubscriptions,
} from '../contracts/onboard-tenant.ts';
import { superviseRules } from '../contracts/sync-rules.ts';
import { syncDirectoryName } from '../contracts/sync-directory.ts';
import { sideSchema } from '../domain/presence.ts';
import type { Telemetry } from '../domain/telemetry.ts';
import { insist, type Dependencies, type Step } from './steps.ts';

export function registerOnboardTenant({ telemetry }: Dependencies): void {
  app.orchestration(onboardTenantName, (context) => onboardTenant(context, telemetry));
}

function* onboardTenant(context: OrchestrationContext, telemetry: Telemetry): Step<void> {
  const { tenantId, version, directory } = onboardTenantSchema.parse(context.df.getInput());
  if (directory) yield* readDirectory(context, tenantId);
  const enrolment = yield* enrolEverybody(context, { tenantId, version, telemetry });
  if (enrolment === undefined) return;
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'activate', enrolment);
  yield* insist(context, readNewcomers, { tenantId }, telemetry);
  // The keepers say how the connections are, and have presence read once their subscriptions stand.
  yield* insist(context, superviseSubscriptions, { tenantId, sides: sideSchema.options }, telemetry);
  yield* insist(context, superviseRules, { tenantId, catchUp: true }, telemetry);
}

/** However it ends: who is mapped already is taken on, and the others as soon as the directories can be read. */
function* readDirectory(context: OrchestrationContext, tenantId: string): Step<void> {
  const id = onboardingDirectoryId(tenantId, context.df.currentUtcDateTime.toISOString());
  const input = { tenantId, occasion: 'onboarding' };
  yield context.df.callSubOrchestrator(syncDirectoryName, input, id);
}

/** Undefined when the tenant is served no more. All people are told the version that was found first. */
function* enrolEverybody(
  context: OrchestrationContext,
  { tenantId, version, telemetry }: { tenantId: string; version: number | undefined; telemetry: Telemetry },
): Step<{ seats: number; version: number } | undefined> {
  const run = context.df.currentUtcDateTime.toISOString();
  let enrolment = { seats: 0, version };
  let after: string | undefined = '';
  while (after !== undefined) {
    const outcome: z.infer<typeof enrolUsers.output> = yield* insist(
      context,
      enrolUsers,
      { tenantId, after, before: enrolment.seats, run, version: enrolment.version },
      telemetry,
    );
    if (!outcome.served) return undefined;
    enrolment = { seats: enrolment.seats + outcome.enrolled, version: outcome.version };
    after = outcome.next;
  }
  return { seats: enrolment.seats, version: enrolment.version ?? 1 };
}
