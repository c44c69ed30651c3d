/** Takes on a tenant whose mappings and grants are in place: its people, then its vendor subscriptions. */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
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
  const { tenantId } = onboardTenantSchema.parse(context.df.getInput());
  const seats = yield* enrolEverybody(context, tenantId);
  context.df.signalEntity(new EntityId(entityNames.tenant, tenantId), 'activate', { seats });
  yield* call(context, readNewcomers, { tenantId });
  // The keepers say how the connections are, and have presence read once their subscriptions stand.
  yield* call(context, superviseSubscriptions, { tenantId, sides: sideSchema.options });
}

function* enrolEverybody(context: OrchestrationContext, tenantId: string): Step<number> {
  const run = context.df.currentUtcDateTime.toISOString();
  let seats = 0;
  let page: number | undefined = 0;
  while (page !== undefined) {
    const outcome: { enrolled: number; next?: number | undefined } = yield* call(context, enrolUsers, {
      tenantId,
      page,
      run,
    });
    seats += outcome.enrolled;
    page = outcome.next;
  }
  return seats;
}
