/**
 * `npm run bench -- storm [people] [seed]`: five hundred people of one company change within one minute. RingCentral takes 40
 * writes a minute for the whole company, which bounds how soon all can be through: who waits for whom is what counts.
 */
import { makeRandom } from './day/random.ts';
import { goal, percentile } from './day/day.ts';
import { delaySeconds, systems, type StartSystem, type System } from './day/systems.ts';
import { evaluate } from './day/replay.ts';
import { inTeams, minuteMs, onPhone, secondMs, type Change } from './day/traffic.ts';
import { lastWrites, presenceCallsIn, writeKey } from './day/vendor-calls.ts';

/** RingCentral's group Medium (developer guide, "Rate limits"). */
const writesPerMinute = 40;
const stormAt = 15 * minuteMs;
const quietAfter = 30 * minuteMs;

/** What people do, and whether they are in a call before. */
const kinds = {
  teamsCallEnds: { before: inTeams('Busy', 'InACall'), deed: inTeams('Available') },
  phoneCallEnds: { before: onPhone('CallConnected'), deed: onPhone('NoCall') },
  doNotDisturb: { before: undefined, deed: inTeams('DoNotDisturb', 'Presenting') },
  teamsCallBegins: { before: undefined, deed: inTeams('Busy', 'InACall') },
  phoneCallBegins: { before: undefined, deed: onPhone('CallConnected') },
} as const;
type Kind = keyof typeof kinds;

/** How many of a hundred people do what. */
const mixes: Record<string, Partial<Record<Kind, number>>> = {
  'all of them in Teams': { teamsCallEnds: 5, doNotDisturb: 10, teamsCallBegins: 85 },
  'on both sides': {
    teamsCallEnds: 5,
    phoneCallEnds: 15,
    doNotDisturb: 10,
    teamsCallBegins: 50,
    phoneCallBegins: 20,
  },
};

interface Storm {
  changes: Change[];
  kindOf: Kind[];
}

/** Prints for each storm and system how long it takes against the bound, and who waits how long. */
export async function benchStorm(people: number, seed: number): Promise<void> {
  for (const [where, mix] of Object.entries(mixes)) {
    const storm = makeStorm(people, seed, mix);
    const writes = storm.kindOf.filter((kind) => kinds[kind].deed.side === 'teams').length;
    const boundSeconds = Math.floor((writes - 1) / writesPerMinute) * 60;
    console.log(`\nA storm: ${people} people change within a minute, ${where} (seed ${seed})`);
    console.log(
      `  ${writes} of them have to be written to RingCentral: ${boundSeconds} s at ${writesPerMinute} a minute`,
    );
    for (const [name, start] of Object.entries(systems)) {
      const isOurs = name === 'Presence Hub';
      await live(name, start, { storm, boundSeconds, isOurs });
    }
  }
}

function makeStorm(people: number, seed: number, mix: Partial<Record<Kind, number>>): Storm {
  const random = makeRandom(seed);
  const shares = Object.entries(mix).map(([kind, share]) => [kind as Kind, share] as const);
  const kindOf = Array.from({ length: people }, () => random.pick(shares));
  const changes: Change[] = [];
  let at = 0;
  for (const [person, kind] of kindOf.entries()) {
    const { before, deed } = kinds[kind];
    // Calmly: less than the limit.
    if (before !== undefined) changes.push({ at: (at += 2 * secondMs), person, ...before });
    changes.push({ at: stormAt + Math.round(random.between(0, minuteMs)), person, ...deed });
  }
  return { changes: changes.sort((one, other) => one.at - other.at), kindOf };
}

async function live(
  name: string,
  start: StartSystem,
  { storm, boundSeconds, isOurs }: { storm: Storm; boundSeconds: number; isOurs: boolean },
): Promise<void> {
  const system = await start(storm.kindOf.length, '2026-03-02T08:00:00.000Z');
  try {
    await system.advance(minuteMs);
    const from = await system.now();
    const before = (await system.journal()).length;
    await pass(system, storm.changes);
    const journal = (await system.journal()).slice(before);
    const until = await system.now();
    const delayMs = { teams: delaySeconds.teams * 1000, ringCentral: delaySeconds.ringCentral * 1000 };
    const { writes, throttled } = presenceCallsIn(journal, system.people);
    const figures = evaluate({
      changes: storm.changes,
      journal,
      people: system.people,
      from,
      until,
      delayMs,
    });
    const last = lastWrites(writes, from + stormAt);
    const through = Math.max(
      ...[...last].filter(([key]) => key.startsWith('ringCentral')).map(([, at]) => at),
    );
    const first = Math.min(
      ...storm.changes.filter(({ at, side }) => at >= stormAt && side === 'teams').map(({ at }) => at),
    );
    const took = (through - (from + first + delayMs.teams)) / 1000;
    console.log(
      `  ${name}: through after ${took.toFixed(1)} s, ${(took / boundSeconds).toFixed(3)} of the bound`,
    );
    console.log(
      `    429s ${throttled}, left wrong ${figures.wrongAtEnd}, stale person-seconds ${(figures.staleSeconds.teams + figures.staleSeconds.ringCentral).toFixed(0)}`,
    );
    const waitsOf = (kind: Kind): number[] =>
      storm.changes
        .filter(({ at, person }) => at >= stormAt && storm.kindOf[person] === kind)
        .map(({ at, person, side }) => {
          const written = last.get(writeKey(side === 'teams' ? 'ringCentral' : 'teams', person)) ?? until;
          return Math.max(0, written - (from + at + delayMs[side])) / 1000;
        });
    for (const kind of Object.keys(kinds) as Kind[]) {
      const waits = waitsOf(kind);
      if (waits.length === 0) continue;
      console.log(
        `    ${kind.padEnd(16)} ${String(waits.length).padStart(4)} people wait p50 ${percentile(waits, 0.5).toFixed(1)} s, at most ${Math.max(...waits).toFixed(1)} s`,
      );
    }
    if (!isOurs) return;
    goal('through within 1.05 of the bound', took <= 1.05 * boundSeconds);
    goal('no 429', throttled === 0);
    const ends = [...waitsOf('teamsCallEnds'), ...waitsOf('phoneCallEnds')];
    goal('whose call has ended waits at most 10 s', Math.max(...ends) <= 10);
  } finally {
    await system.close();
  }
}

async function pass(system: System, changes: readonly Change[]): Promise<void> {
  let now = 0;
  for (const change of changes) {
    if (change.at > now) await system.advance(change.at - now);
    now = Math.max(now, change.at);
    await system.apply(change);
  }
  await system.advance(quietAfter);
}
