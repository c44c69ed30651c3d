/** Several reads of the same may wait for a vendor at a time: the newest of them does for all, once the vendor takes it. */
import type { ReadOutcome } from '../../contracts/resync-presence.ts';
import type { ReadScope } from '../../store/resyncs.ts';
import type { Store } from '../../store/store.ts';

interface Dependencies {
  store: Store;
  clock: () => Date;
}

/**
 * Reads when it is this read's turn, and notes for how long the vendor wants none. One that has begun is not overtaken: it would never
 * end if newer ones kept coming. Without `asked`, nothing is known of the others.
 */
export async function inTurn(
  { store, clock }: Dependencies,
  scope: ReadScope | undefined,
  { asked, page }: { asked: string | undefined; page: number },
  read: () => Promise<ReadOutcome>,
): Promise<ReadOutcome> {
  if (scope === undefined || asked === undefined) return read();
  if (page === 0) {
    const now = clock();
    const turn = await store.resyncs.turn(scope, { asked: new Date(asked), now });
    if (turn.kind === 'overtaken') return { kind: 'overtaken' };
    if (turn.kind === 'wait') return { kind: 'wait', seconds: (turn.until.getTime() - now.getTime()) / 1000 };
  }
  const outcome = await read();
  if (outcome.kind === 'wait') {
    await store.resyncs.pause(scope, new Date(clock().getTime() + outcome.seconds * 1000));
  }
  return outcome;
}
