/** When vendor subscriptions are renewed and looked after. Times are ISO instants, spans are in the names. */

/** Graph lets a presence subscription live for 60 minutes at most; one minute is left to clocks that differ. */
const graphLifeMinutes = 59;
const graphRenewalLeadMinutes = 12;
const graphRenewalSpreadMinutes = 6;
/** Graph repeats `reauthorizationRequired` about every 15 minutes, and wants 10 between two reactions. */
const graphReactionGapMinutes = 10;

export const ringCentralLifeSeconds = 7 * 24 * 3600;
const ringCentralRenewBelowHours = 84;
/** RingCentral blacklists an endpoint after 10 bad minutes and says so nowhere but in the subscription itself. */
const ringCentralLookMinutes = 15;
const ringCentralLookSpreadMinutes = 3;

/** How long to wait before trying again when a vendor does not say. */
const troubleMinutes = 1;
/** A customer whose grant is gone is asked to reconnect; we look by ourselves only once a day. */
const reconnectLookHours = 24;

/** How long removing a subscription is tried once the service has ended; less than a clean exit waits for it. */
const removalMinutes = 45;

/** Until when a Graph subscription made or renewed at `now` should live. */
export function graphExpiry(now: Date): Date {
  return addMinutes(now, graphLifeMinutes);
}

/**
 * When to renew a Graph subscription, spread by `seed` so that tenants do not all renew in one second; a minute from now
 * at the soonest, however short a life Graph has granted.
 */
export function graphRenewalTime(expiresAt: string, now: Date, seed: string): string {
  const lead = graphRenewalLeadMinutes + spread(`${seed} ${expiresAt}`) * graphRenewalSpreadMinutes;
  const due = addMinutes(new Date(expiresAt), -lead);
  const soonest = addMinutes(now, troubleMinutes);
  return (due < soonest ? soonest : due).toISOString();
}

/** True once a Graph subscription is near enough to its end to be renewed. */
export function graphRenewalIsDue(expiresAt: string, now: Date): boolean {
  const dueFrom = addMinutes(new Date(expiresAt), -(graphRenewalLeadMinutes + graphRenewalSpreadMinutes));
  return now >= dueFrom;
}

/** True when Graph's wish for a reauthorization is to be followed: the last renewal is long enough ago. */
export function graphMayReact(renewedAt: string, now: Date): boolean {
  return now >= addMinutes(new Date(renewedAt), graphReactionGapMinutes);
}

/** When to look after a RingCentral subscription again, spread by `seed`. */
export function ringCentralLookTime(now: Date, seed: string): string {
  const minutes =
    ringCentralLookMinutes + spread(`${seed} ${now.toISOString()}`) * ringCentralLookSpreadMinutes;
  return addMinutes(now, minutes).toISOString();
}

/** True once half of a RingCentral subscription's life is over. */
export function ringCentralRenewalIsDue(expiresAt: string, now: Date): boolean {
  return now >= addMinutes(new Date(expiresAt), -ringCentralRenewBelowHours * 60);
}

/** When to look again whether a subscription still tells us of changes, in so many minutes and a tenth more, spread by `seed`. */
export function probeTime(now: Date, pauseMinutes: number, seed: string): string {
  return addMinutes(now, pauseMinutes * (1 + spread(`${seed} ${now.toISOString()}`) / 10)).toISOString();
}

/** When to try again after a failure that may pass by itself; a vendor that says "at once" is given a second. */
export function retryTime(now: Date, retryAfterSeconds: number | undefined): string {
  const seconds = retryAfterSeconds === undefined ? troubleMinutes * 60 : Math.max(retryAfterSeconds, 1);
  return addMinutes(now, seconds / 60).toISOString();
}

/** When to look by ourselves whether a customer has reconnected. */
export function reconnectLookTime(now: Date): string {
  return addMinutes(now, reconnectLookHours * 60).toISOString();
}

/** True while it is worth trying again to remove a subscription of a tenant whose service has ended at `endedAt`. */
export function mayTryRemoval(endedAt: Date, now: Date): boolean {
  return now < addMinutes(endedAt, removalMinutes);
}

/** A number from 0 up to 1 that depends on the text only (FNV-1a), because replayed code may not roll dice. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash / 2 ** 32;
}

function addMinutes(instant: Date, minutes: number): Date {
  return new Date(instant.getTime() + minutes * 60_000);
}
