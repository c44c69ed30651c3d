/** `npm run bench -- day [people] [seed] [hours]`: the same recorded day for our system and for what people use today. */
import { evaluate, type Figures } from './replay.ts';
import { delaySeconds, systems, type StartSystem } from './systems.ts';
import { dayMs, hourMs, recordedDay, type Change } from './traffic.ts';

const midnight = '2026-03-02T00:00:00.000Z';
type Name = keyof typeof systems;

/** Prints the figures of all, and whether the goals are met. */
export async function benchDay(people: number, seed: number, hours: number): Promise<void> {
  const until = Math.min(hours * hourMs, dayMs);
  const changes = recordedDay({ people, seed }).filter(({ at }) => at < until);
  console.log(`\nA recorded day: ${people} people, ${changes.length} changes (seed ${seed}, ${hours} h)`);
  const figures = {} as Record<Name, Figures>;
  for (const [name, start] of Object.entries(systems) as [Name, StartSystem][]) {
    const started = performance.now();
    figures[name] = await live(start, { people, changes, until });
    console.log(`  ${name}: lived in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  printTable(figures);
  printGoals(figures);
}

async function live(
  start: StartSystem,
  { people, changes, until }: { people: number; changes: readonly Change[]; until: number },
): Promise<Figures> {
  const system = await start(people, midnight);
  try {
    // A minute of quiet, in which what follows from the beginning is over.
    await system.advance(60_000);
    const from = await system.now();
    const before = (await system.journal()).length;
    let now = 0;
    for (const change of changes) {
      if (change.at > now) await system.advance(change.at - now);
      now = Math.max(now, change.at);
      await system.apply(change);
    }
    if (until > now) await system.advance(until - now);
    const journal = (await system.journal()).slice(before);
    const delayMs = { teams: delaySeconds.teams * 1000, ringCentral: delaySeconds.ringCentral * 1000 };
    return evaluate({ changes, journal, people: system.people, from, until: from + until, delayMs });
  } finally {
    await system.close();
  }
}

const rows: [string, (figures: Figures) => number, number][] = [
  ['real changes', ({ realChanges }) => realChanges, 0],
  ['vendor writes', ({ writes }) => writes, 0],
  ['  per real change', ({ writes, realChanges }) => writes / realChanges, 3],
  ['  that changed nothing', ({ idleWrites }) => idleWrites, 0],
  ['vendor reads', ({ reads }) => reads, 0],
  ['  per real change', ({ reads, realChanges }) => reads / realChanges, 3],
  ['429s', ({ throttled }) => throttled, 0],
  ['stale person-seconds', (figures) => staleness(figures), 0],
  ['  in Teams', ({ staleSeconds }) => staleSeconds.teams, 0],
  ['  in RingCentral', ({ staleSeconds }) => staleSeconds.ringCentral, 0],
  ['  the median wait, s', ({ waits }) => percentile(waits, 0.5), 2],
  ['  the 99th percentile, s', ({ waits }) => percentile(waits, 0.99), 2],
  ['left wrong for over 10 min', ({ stuck }) => stuck, 0],
  ['wrong at the end of the day', ({ wrongAtEnd }) => wrongAtEnd, 0],
  ['own choices written over', ({ ownLost }) => ownLost, 0],
];

function printTable(figures: Record<Name, Figures>): void {
  const names = Object.keys(systems) as Name[];
  console.log(`${''.padEnd(28)}${names.map((name) => name.padStart(15)).join('')}`);
  for (const [title, read, digits] of rows) {
    const cells = names.map((name) => read(figures[name]).toFixed(digits).padStart(15));
    console.log(`${title.padEnd(28)}${cells.join('')}`);
  }
}

function printGoals(figures: Record<Name, Figures>): void {
  const ours = figures['Presence Hub'];
  const better = Math.min(staleness(figures['poller, 10 s']), staleness(figures['webhook relay']));
  console.log('Goals');
  goal('writes per real change, at most 1.05', ours.writes / ours.realChanges <= 1.05);
  goal('reads per real change, at most 0.02', ours.reads / ours.realChanges <= 0.02);
  goal("staleness, at most half of the better baseline's", staleness(ours) <= better / 2);
  goal('no 429', ours.throttled === 0);
  goal('nobody left wrong, no own choice written over', ours.stuck + ours.wrongAtEnd + ours.ownLost === 0);
}

/** Prints a goal and whether it is met. */
export function goal(text: string, isMet: boolean): void {
  console.log(`  ${isMet ? 'met    ' : 'NOT MET'}  ${text}`);
}

function staleness({ staleSeconds }: Figures): number {
  return staleSeconds.teams + staleSeconds.ringCentral;
}

/** The value below which this part of all lies. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
