/**
 * A look at whether a vendor's subscription that stands still tells us of changes. Where somebody was told of since the look before,
 * it does, and the vendor is not asked. Else a few people are read: what the vendor shows, and has not told in the time that it
 * promises, is evidence, unless it has told of others meanwhile. A silent subscription is made anew by its keeper, which also
 * has everybody read.
 */
import { EntityId, type DurableClient } from 'durable-functions';
import type { z } from 'zod';
import { entityNames } from '../../contracts/identities.ts';
import type { Probed, probeTeamsPresence } from '../../contracts/probe-presence.ts';
import { attentionEvent } from '../../contracts/vendor-subscriptions.ts';
import { toldOfSilence } from '../../domain/customer-log-occasions.ts';
import { sampleOf } from '../../domain/probe.ts';
import { isSeenSince, isToldSince, isUntold } from '../../domain/read-news.ts';
import type { Telemetry } from '../../domain/telemetry.ts';
import { tenantSchema } from '../../domain/tenant.ts';
import type { UserPresence } from '../../domain/user-presence-state.ts';
import { VendorError } from '../../domain/vendor-error.ts';
import type { Store } from '../../store/store.ts';
import type { TenantRow } from '../../store/tenants.ts';
import type { SubscriptionKey, SubscriptionRow } from '../../store/vendor-subscriptions.ts';
import { tellCustomer } from './customer-log.ts';
import { startOrWake } from './durable-effects.ts';
import { keepersOf } from './keepers.ts';
import { tellOfRead, thoseOfWhom, type ShownPerson } from './person-states.ts';
import { servedTenant } from './served-tenant.ts';

type Look = z.infer<(typeof probeTeamsPresence)['input']>;
type Tools = { durable: DurableClient; telemetry: Telemetry };

/** One of the two sides, as a look sees it. */
export interface ProbedSide {
  side: ShownPerson['shown']['side'];
  store: Store;
  clock: () => Date;
  /** People of whom the subscription tells, as many as there are or a few hundred of them. */
  watched: (look: Look) => Promise<{ userId: string }[]>;
  /** What the side shows of the look's people, or of `only` these; and the page of the next look. */
  read(
    tenant: TenantRow,
    look: Look,
    only?: readonly string[],
  ): Promise<{ people: ShownPerson[]; next: number }>;
}

export async function probe(probed: ProbedSide, look: Look, tools: Tools): Promise<Probed> {
  const { store } = probed;
  const tenant = await servedTenant(store, look.tenantId);
  if (tenant === undefined) return { kind: 'ended' };
  const key = keyOf(probed, look);
  const held = await store.vendorSubscriptions.find(key);
  if (held === undefined || !(await mayRead(probed, look, tools))) return { kind: 'unread' };
  try {
    return look.suspects === undefined
      ? await firstLook(probed, { look, tenant, tools })
      : await secondLook(probed, { look, tenant, tools, held });
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    // The keeper tells of it, and whoever reads next.
    return { kind: 'unread' };
  }
}

interface Looking {
  look: Look;
  tenant: TenantRow;
  tools: Tools;
}

async function firstLook(probed: ProbedSide, { look, tenant, tools }: Looking): Promise<Probed> {
  if (await isTalking(probed, look, { since: look.since, tools })) return { kind: 'told' };
  const at = probed.clock().toISOString();
  const { people, next } = await probed.read(tenant, look);
  const untold = await thoseUntold(people, look, tools);
  if (untold.length === 0) return { kind: 'quiet', next };
  return { kind: 'suspect', suspects: { userIds: untold.map(({ userId }) => userId), at } };
}

async function secondLook(
  probed: ProbedSide,
  { look, tenant, tools, held }: Looking & { held: SubscriptionRow },
): Promise<Probed> {
  const { userIds = [], at: since = look.since } = look.suspects ?? {};
  const at = probed.clock().toISOString();
  const { people, next } = await probed.read(tenant, look, userIds);
  const untold = await thoseUntold(people, look, tools, (state) => !isSeenSince(state, probed.side, since));
  if (untold.length === 0) return { kind: 'quiet', next };
  if (await isTalking(probed, look, { since, tools })) {
    const { tenantId } = look;
    tools.telemetry.record('changesUntold', { side: probed.side, count: untold.length }, { tenantId });
    await tellOfRead(tools.durable, tenantId, { people: untold, at });
    return { kind: 'told' };
  }
  await haveMadeAnew(probed, look, { held, people: untold.length, tools });
  return { kind: 'silent' };
}

/** Whether the vendor has told of somebody among the look's people since then. */
async function isTalking(
  { side, watched }: ProbedSide,
  look: Look,
  { since, tools }: { since: string; tools: Tools },
): Promise<boolean> {
  const sample = sampleOf(await watched(look), look.turn);
  const told = await thoseOfWhom(tools.durable, look.tenantId, sample, (state) =>
    isToldSince(state, side, since),
  );
  return told.length > 0;
}

/** What they are known for is looked up after they were read, so that what is told meanwhile counts. */
function thoseUntold(
  people: readonly ShownPerson[],
  { tenantId }: Look,
  { durable }: Tools,
  isSuspicious: (state: UserPresence) => boolean = () => true,
): Promise<ShownPerson[]> {
  return thoseOfWhom(
    durable,
    tenantId,
    people,
    (state, { shown }) => isUntold(state, shown) && isSuspicious(state),
  );
}

/** A side whose grant is gone tells nothing, and everybody knows why; one that wants a pause is given it. */
async function mayRead(
  { side, store, clock }: ProbedSide,
  { tenantId, shard }: Look,
  { durable }: Tools,
): Promise<boolean> {
  if (await store.resyncs.isPaused({ tenantId, side, shard }, clock())) return false;
  const { entityState } = await durable.readEntityState<unknown>(new EntityId(entityNames.tenant, tenantId));
  return tenantSchema.safeParse(entityState).data?.connections[side].health === 'connected';
}

/** Noted first: what is noted, the keeper sees to even where it cannot be woken. */
async function haveMadeAnew(
  probed: ProbedSide,
  look: Look,
  { held, people, tools }: { held: SubscriptionRow; people: number; tools: Tools },
): Promise<void> {
  const { side, store, clock } = probed;
  const { tenantId, shard } = look;
  const { subscriptionId } = held;
  if (!(await store.vendorSubscriptions.noteAttention(keyOf(probed, look), subscriptionId, 'silent'))) return;
  tools.telemetry.record('subscriptionSilent', { side, count: people }, { tenantId });
  const told = toldOfSilence({ side, subscriptionId, ...(side === 'teams' && { shard }) });
  await tellCustomer({ store, clock }, tools, tenantId, { told: [told] });
  const silence = { side, at: clock().toISOString() };
  await tools.durable.signalEntity(new EntityId(entityNames.tenant, tenantId), 'noteSilence', silence);
  const keeper = keepersOf(tenantId, [shard]).find((each) => each.side === side);
  if (keeper !== undefined) await startOrWake(tools.durable, keeper, attentionEvent);
}

function keyOf({ side }: ProbedSide, { tenantId, shard }: Look): SubscriptionKey {
  return { tenantId, vendor: side === 'teams' ? 'graph' : 'ringCentral', shard };
}
