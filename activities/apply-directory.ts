/**
 * Has people mapped, seated and grouped as both directories say, all at once, and begins to let go of those who have left.
 * Called by `syncDirectory`; run twice, it finds nothing to change.
 */
import { departuresId } from '../contracts/identities.ts';
import { departuresEvent, letPeopleGoName, type applyDirectory } from '../contracts/sync-directory.ts';
import { toldOfDirectory, toldOfHeldDepartures } from '../domain/customer-log-occasions.ts';
import { isMassDeparture, manyWouldLeave } from '../domain/directory-sync.ts';
import type { PlanCatalogue } from '../domain/plans.ts';
import type { Store } from '../store/store.ts';
import type { Effect } from './shared/activity.ts';
import { assignSeats, readBought } from './shared/assign-seats.ts';
import { tellCustomer } from './shared/customer-log.ts';
import { startOrWake } from './shared/durable-effects.ts';
import { tenantOfRun } from './shared/directory-run.ts';
import { planDirectory } from '../store/directory-plan.ts';

interface Dependencies {
  store: Store;
  plans: PlanCatalogue;
  clock: () => Date;
}

export function makeApplyDirectory(dependencies: Dependencies): Effect<typeof applyDirectory> {
  const { store, clock } = dependencies;
  return async ({ tenantId, run }, tools) => {
    if ((await tenantOfRun(store, { tenantId, run })) === undefined) return { kind: 'over' };
    const { version = 1 } = (await store.subscriptions.find(tenantId)) ?? {};
    const plan = await planDirectory(store, tenantId);
    const at = clock();
    if (isMassDeparture(plan) && !(await isSaidAgain(store, tenantId))) {
      const { leaving, mapped } = plan;
      await tellCustomer(dependencies, tools, tenantId, {
        told: [toldOfHeldDepartures({ leaving, mapped }, at)],
      });
      return { kind: 'held', leaving };
    }
    const { people, matching, unplaced, places } = plan;
    const { seats } = await readBought(dependencies, tenantId);
    const { seating, ...changes } = await store.placements.place(tenantId, people, { seats, at });
    const { joined, left, moved, regrouped } = changes;
    const again = at.toISOString();
    if (joined + left > 0) await assignSeats(dependencies, tools, { tenantId, version, run: again });
    if ((await store.placements.departures(tenantId, 1)).length > 0) {
      const farewell = { name: letPeopleGoName, instanceId: departuresId(tenantId), input: { tenantId } };
      await startOrWake(tools.durable, farewell, departuresEvent);
    }
    const unclear = matching.duplicates.reduce((sum, each) => sum + each.userIds.length, 0);
    const told = toldOfDirectory(
      { joined, left, moved, unplaced: unplaced.length, places, unclear },
      run,
      at,
    );
    await tellCustomer(dependencies, tools, tenantId, { told });
    const changed = joined + left + moved + regrouped + seating.newlySeated.length > 0;
    return { kind: 'applied', changed, seats: seating.seated, version };
  };
}

/** The run before has found that many would leave; who asked for this one has been told, and a night is time enough to look. */
async function isSaidAgain(store: Store, tenantId: string): Promise<boolean> {
  return (await store.directorySyncs.find(tenantId)).code === manyWouldLeave;
}
