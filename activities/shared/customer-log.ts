/** How activities tell the customer what they have done: in one append, once the effect is there. */
import { EntityId, type DurableClient } from 'durable-functions';
import { entityNames } from '../../contracts/identities.ts';
import type { Happening } from '../../domain/customer-log.ts';
import {
  toldOfConnection,
  toldOfFailure,
  type ConnectionHealth,
  type Told,
} from '../../domain/customer-log-occasions.ts';
import type { Side } from '../../domain/presence.ts';
import { tenantSchema } from '../../domain/tenant.ts';
import { errorKind } from '../../domain/telemetry-words.ts';
import type { Telemetry } from '../../domain/telemetry.ts';
import type { VendorError } from '../../domain/vendor-error.ts';
import type { Store } from '../../store/store.ts';

export interface Tidings {
  told?: readonly (Told | undefined)[];
  /** How a connection was found; told where that is a change. */
  connection?: ConnectionHealth | undefined;
}

/**
 * Appends what there is to tell. Never rejects: the effect is done, and an activity that ran again for the sake of an entry
 * would repeat it at the vendor.
 */
export async function tellCustomer(
  { store, clock }: { store: Store; clock: () => Date },
  { durable, telemetry }: { durable: DurableClient; telemetry: Telemetry },
  tenantId: string,
  { told = [], connection }: Tidings,
): Promise<void> {
  try {
    const change =
      connection && toldOfConnection(connection, await known(durable, tenantId, connection.side));
    const entries = [change, ...told].filter((each) => each !== undefined);
    if (entries.length === 0) return;
    const at = clock();
    await store.customerLog.append(
      tenantId,
      entries.map((each) => ({ ...each, at })),
    );
  } catch (error) {
    telemetry.record('customerNotTold', { kind: errorKind(error) }, { tenantId });
  }
}

/** What a vendor's failure is to the customer. */
export function tidingsOfFailure(
  error: VendorError,
  occasion: { side: Side; at: Date; refused: (code: string) => Happening },
): Tidings {
  if (error.failure !== 'consentRevoked') return { told: [toldOfFailure(error, occasion)] };
  return { connection: { side: occasion.side, health: 'reconnectRequired', code: error.code } };
}

/** What is to be told where a read fails. */
export function tidingsOfUnread(error: VendorError, side: Side, at: Date): Tidings {
  return tidingsOfFailure(error, { side, at, refused: (code) => ({ kind: 'presenceUnread', side, code }) });
}

/** How the tenant knows the connection, which all who find out report to it. */
async function known(durable: DurableClient, tenantId: string, side: Side) {
  const id = new EntityId(entityNames.tenant, tenantId);
  const { entityState } = await durable.readEntityState<unknown>(id);
  return tenantSchema.safeParse(entityState).data?.connections[side];
}
