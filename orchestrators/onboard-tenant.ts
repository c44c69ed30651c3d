/** Takes on a tenant whose mappings and grants are in place: its people, then its vendor subscriptions. */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import type { z } from 'zod';
import { entityNames } from '../contracts/identities.ts';
import {
  enrolUsers,
  onboardTenantName,
  onboardTenantSchema,
  readNewcomers,
  superviseSubscriptions,
} from '../contracts/onboard-tenant.ts';
import { sideSchema } from '../domain/presence.ts';
import { call, type Step } from './steps.ts';

export function registerOnboardTenant(): void {
  app.orchestration(onboardTenantName, onboardTenant);
}

function* onboardTenant(context: OrchestrationContext): Step<void> {
  const { tenantId, version } = onboardTenantSchema.parse(context.df.getInput());
  const enrolment = yield* enrolEverybody(context, { tenantId, version });
  if (enrolment === undefined) return;
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'activate', enrolment);
  yield* call(context, readNewcomers, { tenantId });
  // The keepers say how the connections are, and have presence read once their subscriptions stand.
  yield* call(context, superviseSubscriptions, { tenantId, sides: sideSchema.options });
}

/** Undefined when the tenant is served no more. All people are told the version that was found first. */
function* enrolEverybody(
  context: OrchestrationContext,
  { tenantId, version }: { tenantId: string; version: number | undefined },
): Step<{ seats: number; version: number } | undefined> {
  const run = context.df.currentUtcDateTime.toISOString();
  let enrolment = { seats: 0, version };
  let page: number | undefined = 0;
  while (page !== undefined) {
    const outcome: z.infer<typeof enrolUsers.output> = yield* call(context, enrolUsers, {
      tenantId,
      page,
      run,
      version: enrolment.version,
    });
    if (!outcome.served) return undefined;
    enrolment = { seats: enrolment.seats + outcome.enrolled, version: outcome.version };
    page = outcome.next;
  }
  return { seats: enrolment.seats, version: enrolment.version ?? 1 };
}
