/** How long ninety days take on the virtual clock when every day a timer function runs and orchestrations wake. */
import { openVirtualBenchHost } from './bench-host.ts';
import { timed } from './figures.ts';

const days = 90;
const orchestrations = 10;
const msPerDay = 86_400_000;

/** Real ms for all the days. @throws when a day was left out */
export async function measureDailyTimers(): Promise<number> {
  const bench = await openVirtualBenchHost();
  for (let started = 0; started < orchestrations; started++) await bench.start('daily', null);
  await bench.idle();
  const before = bench.host.stats();
  const took = await timed(() => bench.clock.advance(days * msPerDay));
  const after = bench.host.stats();
  const timers = after.timerInvocations - before.timerInvocations;
  const activities = after.activityInvocations - before.activityInvocations;
  await bench.close();
  if (timers !== days || activities !== days * orchestrations) {
    throw new Error(`${timers} timer functions and ${activities} activities ran in ${days} days.`);
  }
  return took;
}
