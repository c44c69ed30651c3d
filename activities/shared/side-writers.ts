/** How presence is written to, and checked on, each side. Used by `writePresence`. */
import type { GraphClient } from '../../clients/graph/graph-client.ts';
import { mostPerBatch, type PresenceWrite } from '../../clients/graph/presence-writes.ts';
import type { RingCentralClient } from '../../clients/ring-central/ring-central-client.ts';
import type { WaitingWish } from '../../domain/outbox.ts';
import { strengthOf, strengthOfHold, type Hold } from '../../domain/presence.ts';
import { ringCentralWriteSchema, type RingCentralWrite } from '../../domain/ring-central-presence.ts';
import { readTeamsStatus, teamsHoldMinutes, teamsWriteSchema } from '../../domain/teams-presence.ts';
import { isFailure, type VendorError } from '../../domain/vendor-error.ts';
import type { Budget } from '../../domain/write-budget.ts';
import type { TenantRow } from '../../store/tenants.ts';

export interface SideWriter {
  /** How many wishes one call takes. */
  atOnce: number;
  /** What became of each wish, in their order. Rejects with a VendorError where none was looked at. */
  write(tenant: TenantRow, wishes: readonly WaitingWish[]): Promise<Written[]>;
  /** The targets among these on whom the side shows what their wish asks for. Rejects with a VendorError. */
  alreadyShown(tenant: TenantRow, wishes: readonly WaitingWish[]): Promise<Set<string>>;
}

/** How a write went: done, unless there is an `error`. */
interface Written {
  error?: VendorError | undefined;
  budget?: Budget | undefined;
}

export function makeTeamsWriter(graph: GraphClient): SideWriter {
  return {
    atOnce: mostPerBatch,
    write: async (tenant, wishes) => {
      const errors = await graph.writePresences(tenant, wishes.map(teamsWriteOf));
      return errors.map((error) => ({ error }));
    },
    alreadyShown: async (tenant, wishes) => {
      const presences = await graph.readPresences(
        tenant,
        wishes.map((wish) => wish.targetId),
      );
      const strengths = new Map(
        presences.map(({ userId, ...report }) => [userId.toLowerCase(), strengthOf(readTeamsStatus(report))]),
      );
      const shows = wishes.filter((wish) => strengths.get(wish.targetId) === strengthOfHold(wish.hold));
      return new Set(shows.map((wish) => wish.targetId));
    },
  };
}

function teamsWriteOf({ targetId, write }: WaitingWish): PresenceWrite {
  const asked = teamsWriteSchema.parse(write);
  return asked.kind === 'clear'
    ? { userId: targetId, kind: 'clear' }
    : { userId: targetId, durationMinutes: teamsHoldMinutes, ...asked };
}

const queueChoices = new Set(['DoNotAcceptDepartmentCalls', 'TakeDepartmentCallsOnly']);

/**
 * Somebody who has left their call queue meanwhile cannot get their choice about it back (400); they must not stay
 * blocked for that. Undefined when no such choice is put back: who is in no queue is held otherwise, and told so.
 */
function withoutQueueChoice(hold: Hold | null, write: RingCentralWrite): RingCentralWrite | undefined {
  if (hold === 'noQueueCalls' || write.dndStatus === undefined || !queueChoices.has(write.dndStatus)) {
    return undefined;
  }
  return { ...write, dndStatus: 'TakeAllCalls' };
}

/** RingCentral is written one by one: a request after its first 429 would prolong the penalty. */
export function makeRingCentralWriter(ringCentral: RingCentralClient): SideWriter {
  return {
    atOnce: 1,
    write: (tenant, wishes) =>
      Promise.all(wishes.map((wish) => writeToRingCentral(ringCentral, tenant, wish))),
    alreadyShown: async (tenant, wishes) => {
      const shown = new Set<string>();
      for (const { targetId, write } of wishes) {
        const presence = await ringCentral.readPresence(tenant.tenantId, targetId);
        const asked = Object.entries(ringCentralWriteSchema.parse(write));
        if (asked.every(([field, value]) => presence[field as keyof typeof presence] === value)) {
          shown.add(targetId);
        }
      }
      return shown;
    },
  };
}

async function writeToRingCentral(
  ringCentral: RingCentralClient,
  { tenantId }: TenantRow,
  { targetId, hold, write }: WaitingWish,
): Promise<Written> {
  const asked = ringCentralWriteSchema.parse(write);
  try {
    return await ringCentral.writePresence(tenantId, targetId, asked);
  } catch (error) {
    const plain = withoutQueueChoice(hold, asked);
    if (!isFailure(error, 'rejected') || plain === undefined) throw error;
    return ringCentral.writePresence(tenantId, targetId, plain);
  }
}
