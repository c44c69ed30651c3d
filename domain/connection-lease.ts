/** The right to refresh one customer's connection to one vendor, which one worker has at a time. */

export interface ConnectionLeases {
  /**
   * True when `holder` has the connection from `terms.now` for so many seconds. The same holder may acquire it again; a
   * lease that has run out can be taken over.
   */
  acquire(
    tenantId: string,
    connection: string,
    holder: string,
    terms: { readonly now: Date; readonly seconds: number },
  ): Promise<boolean>;
  /** Lets go, if it is this holder's still. */
  release(tenantId: string, connection: string, holder: string): Promise<void>;
}

/** The connection of a shard's service user to Microsoft. */
export const graphConnection = (shard: number): string => `graph-${shard}`;
/** The connection of a tenant's administrator to RingCentral. */
export const ringCentralConnection = 'ringcentral';
