/** Several reads of the same may wait for a vendor at a time: the newest of them does for all. */
import type { Store } from '../../store/store.ts';

type Scope = Parameters<Store['resyncs']['isNewest']>[0];

/**
 * Whether a read that is about to begin is to be left to one that was asked for after it. One that has begun goes on: it would never end
 * if newer ones kept coming.
 */
export async function isOvertaken(
  store: Store,
  scope: Scope | undefined,
  { asked, page }: { asked: string | undefined; page: number },
): Promise<boolean> {
  if (scope === undefined || asked === undefined || page > 0) return false;
  return !(await store.resyncs.isNewest(scope, new Date(asked)));
}
