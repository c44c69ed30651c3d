/**
 * A working day of a company, as it would be recorded: who does what in Teams and on the phone, and when. It follows from a
 * seed alone, so that all systems that are compared see the very same day.
 */
import { makeRandom, type Random } from './random.ts';

/** What a person does on one side; times are milliseconds since midnight, which is where the day begins. */
export type Change = { at: number; person: number } & (
  | { side: 'teams'; change: { availability: string; activity: string } }
  | { side: 'ringCentral'; change: { telephonyStatus?: string; userStatus?: string; dndStatus?: string } }
);

type Untimed<T> = T extends unknown ? Omit<T, 'at' | 'person'> : never;
type Deed = Untimed<Change>;

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export const inTeams = (availability: string, activity = availability): Deed => ({
  side: 'teams',
  change: { availability, activity },
});
export const onPhone = (telephonyStatus: string): Deed => ({
  side: 'ringCentral',
  change: { telephonyStatus },
});
const free = inTeams('Available');
const inCall = inTeams('Busy', 'InACall');
const inMeeting = inTeams('Busy', 'InAMeeting');

/** Everybody's changes of a day, in the order in which they happen. */
export function recordedDay({ people, seed }: { people: number; seed: number }): Change[] {
  const random = makeRandom(seed);
  const changes = Array.from({ length: people }, (_, person) => new Day(person, random).live()).flat();
  return changes.sort((one, other) => one.at - other.at || one.person - other.person);
}

/** One person's day. What they do, they do one after the other, with pauses between. */
class Day {
  readonly #person: number;
  readonly #random: Random;
  readonly #changes: Change[] = [];
  #now = 0;

  constructor(person: number, random: Random) {
    this.#person = person;
    this.#random = random;
  }

  live(): Change[] {
    const random = this.#random;
    const leaves = random.between(16.5, 18.5) * hourMs;
    const goesTo10 = random.chance(0.6);
    const lunch = random.between(11.75, 13) * hourMs;
    const optsOut = random.chance(0.1);
    this.#now = random.between(0, 5 * minuteMs);
    this.#do(inTeams('Offline'));
    this.#now = random.between(7.5, 9.5) * hourMs;
    this.#do(free);
    if (optsOut) this.#do({ side: 'ringCentral', change: { dndStatus: 'DoNotAcceptDepartmentCalls' } });
    this.#workUntil(goesTo10 ? 10 * hourMs : lunch, { optsOut });
    if (goesTo10) {
      this.#meeting(Math.max(this.#now, 10 * hourMs) + random.between(-20, 40) * secondMs, 25);
      this.#workUntil(lunch, { optsOut });
    }
    this.#lunch();
    this.#workUntil(leaves, { optsOut });
    if (optsOut) this.#do({ side: 'ringCentral', change: { dndStatus: 'TakeAllCalls' } });
    this.#do(inTeams('Offline'));
    // Some are still called when they have left.
    if (random.chance(0.05)) {
      this.#wait(10, 90 * 60);
      this.#phoneCall();
    }
    return this.#changes;
  }

  #do(deed: Deed): void {
    this.#changes.push({ at: Math.round(this.#now), person: this.#person, ...deed });
  }

  #wait(leastSeconds: number, mostSeconds: number): void {
    this.#now += this.#random.between(leastSeconds, mostSeconds) * secondMs;
  }

  #workUntil(end: number, { optsOut }: { optsOut: boolean }): void {
    for (;;) {
      this.#wait(3 * 60, 50 * 60);
      if (this.#now > end - 45 * minuteMs) return;
      this.#random.pick(this.#whatOneDoes(optsOut))();
    }
  }

  /** With how many of each there are among a hundred. */
  #whatOneDoes(optsOut: boolean): [() => void, number][] {
    return [
      [() => this.#teamsCall(), 24],
      [() => this.#phoneCall(), 26],
      [() => this.#scheduledMeeting(), 14],
      [() => this.#ringsInVain(), 12],
      [() => this.#present(), 6],
      [() => this.#doNotDisturbInTeams(), 4],
      // Who takes no calls of the queue has that to come back to.
      [() => (optsOut ? this.#ringsInVain() : this.#blockAllCalls()), 3],
      [() => this.#overlappingCalls(), 5],
      [() => this.#flap(), 4],
      [() => this.#bothAtOnce(), 2],
    ];
  }

  #teamsCall(): void {
    this.#do(inCall);
    this.#wait(60, 25 * 60);
    this.#do(free);
  }

  #phoneCall(): void {
    this.#do(onPhone('Ringing'));
    this.#wait(3, 15);
    this.#do(onPhone('CallConnected'));
    this.#wait(30, 15 * 60);
    if (this.#random.chance(0.2)) {
      this.#do(onPhone('OnHold'));
      this.#wait(10, 90);
      this.#do(onPhone('CallConnected'));
      this.#wait(20, 5 * 60);
    }
    this.#do(onPhone('NoCall'));
  }

  #ringsInVain(): void {
    this.#do(onPhone('Ringing'));
    this.#wait(12, 25);
    this.#do(onPhone('NoCall'));
  }

  /** At the next half hour, as calendars have it. */
  #scheduledMeeting(): void {
    const starts = Math.ceil(this.#now / (30 * minuteMs)) * 30 * minuteMs;
    this.#meeting(starts + this.#random.between(-30, 60) * secondMs, 20);
  }

  #meeting(starts: number, leastMinutes: number): void {
    this.#now = Math.max(this.#now, starts);
    this.#do(inMeeting);
    this.#wait(leastMinutes * 60, 44 * 60);
    this.#do(free);
  }

  #present(): void {
    this.#do(inTeams('DoNotDisturb', 'Presenting'));
    this.#wait(5 * 60, 40 * 60);
    this.#do(free);
  }

  #doNotDisturbInTeams(): void {
    this.#do(inTeams('DoNotDisturb'));
    this.#wait(10 * 60, 40 * 60);
    this.#do(free);
  }

  #blockAllCalls(): void {
    this.#do({ side: 'ringCentral', change: { dndStatus: 'DoNotAcceptAnyCalls' } });
    this.#wait(5 * 60, 40 * 60);
    this.#do({ side: 'ringCentral', change: { dndStatus: 'TakeAllCalls' } });
  }

  /** A call on one side begins, or ends, while one on the other goes on. */
  #overlappingCalls(): void {
    const [one, other] = this.#random.chance(0.5)
      ? [[inCall, free] as const, [onPhone('CallConnected'), onPhone('NoCall')] as const]
      : [[onPhone('CallConnected'), onPhone('NoCall')] as const, [inCall, free] as const];
    const endsFirst = this.#random.chance(0.5);
    this.#do(one[0]);
    this.#wait(20, 8 * 60);
    this.#do(other[0]);
    this.#wait(20, 8 * 60);
    this.#do(endsFirst ? one[1] : other[1]);
    this.#wait(20, 8 * 60);
    this.#do(endsFirst ? other[1] : one[1]);
  }

  /** Called, hung up, called again: within seconds. */
  #flap(): void {
    for (let times = 0; times < 2; times++) {
      this.#do(inCall);
      this.#wait(1, 6);
      this.#do(free);
      this.#wait(1, 6);
    }
    this.#teamsCall();
  }

  /** Both sides change at the same instant, twice. */
  #bothAtOnce(): void {
    this.#do(inCall);
    this.#do(onPhone('CallConnected'));
    this.#wait(60, 10 * 60);
    this.#do(free);
    this.#do(onPhone('NoCall'));
  }

  #lunch(): void {
    this.#wait(0, 5 * 60);
    this.#do(inTeams('Away'));
    this.#wait(25 * 60, 50 * 60);
    this.#do(free);
  }
}
