/** `node measure.js NAME ROUNDS`: measures one thing in a process of its own and prints what it found as JSON. */
import { measureDailyTimers } from './daily-timers.ts';
import { measureGrowth } from './growth.ts';
import { measureMemory } from './memory.ts';
import { scenarios } from './scenarios.ts';
import { measureSpeed } from './speed.ts';

const [name = '', rounds = '5'] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await measure()));

function measure(): Promise<unknown> {
  if (name === 'growth') return measureGrowth();
  if (name === 'daily-timers') return measureDailyTimers();
  if (name === 'memory') return measureMemory();
  const scenario = scenarios[name];
  if (!scenario) throw new Error(`There is no scenario '${name}'.`);
  return measureSpeed(scenario, Number(rounds));
}
