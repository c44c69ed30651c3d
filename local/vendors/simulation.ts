/** What all simulated vendors share: the stack's clock and work, one journal, one set of faults, one postman. */
import type { Clock } from '../clock/clock.ts';
import type { Work } from '../clock/work.ts';
import { Deliveries } from './deliveries.ts';
import { Faults } from './faults.ts';
import { Journal } from './journal.ts';
import { VendorData } from './vendor-data.ts';

export interface Simulation {
  readonly clock: Clock;
  readonly work: Work;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly deliveries: Deliveries;
}

/** Opens what the vendors share, from `directory` or in memory. Close it after the vendors themselves. */
export function openSimulation(
  clock: Clock,
  work: Work,
  directory?: string,
): Simulation & { close: () => void } {
  const data = new VendorData('simulation', directory);
  const journal = new Journal(clock, data);
  const faults = new Faults(data);
  const deliveries = new Deliveries({ clock, work, faults, data });
  const close = (): void => {
    deliveries.close();
    data.close();
  };
  return { clock, work, journal, faults, deliveries, close };
}
