/** The right to refresh a connection's tokens, which one worker at a time may have. */

export interface ConnectionLeases {
  /**
   * True when `holder` has the connection's lease for so many seconds from `now`: nobody had it, it had run out, or it
   * was the holder's own already.
   */
  acquire(
    tenantId: string,
    connection: string,
    holder: string,
    terms: { readonly now: Date; readonly seconds: number },
  ): Promise<boolean>;
  /** Gives the lease back; does nothing where another has it. */
  release(tenantId: string, connection: string, holder: string): Promise<void>;
}
