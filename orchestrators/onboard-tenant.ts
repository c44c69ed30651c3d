/** Takes on a tenant whose mappings and grants are in place: its people, then its vendor subscriptions. */
import { EntityId, app, type OrchestrationContext } from 'durable-functions';
import { entityNames } from '../contracts/identities.ts';
import {
  enrolUsers,
  onboardTenantName,
  onboardTenantSchema,
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
  activate(context, tenantId, seats);
  // The keepers read everybody's presence once their subscriptions stand, so nothing is missed in between.
  yield* call(context, superviseSubscriptions, { tenantId });
}

/** Fresh grants are in place, so both connections are taken to work until a vendor says otherwise. */
function activate(context: OrchestrationContext, tenantId: string, seats: number): void {
  const tenant = new EntityId(entityNames.tenant, tenantId);
  const at = context.df.currentUtcDateTime.toISOString();
  context.df.signalEntity(tenant, 'activate', { seats });
  for (const side of sideSchema.options) {
    context.df.signalEntity(tenant, 'noteConnection', { side, health: 'connected', at });
  }
}

function* enrolEverybody(context: OrchestrationContext, tenantId: string): Step<number> {
  let seats = 0;
  let page: number | undefined = 0;
  while (page !== undefined) {
    const outcome: { enrolled: number; next?: number | undefined } = yield* call(context, enrolUsers, {
      tenantId,
      page,
    });
    seats += outcome.enrolled;
    page = outcome.next;
  }
  return seats;
}
