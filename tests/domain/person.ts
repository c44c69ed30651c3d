/** One person told by hand what both sides show, for examples. */
import type { Origin } from '../../domain/observation-order.ts';
import type { Side } from '../../domain/presence.ts';
import type { RingCentralReport } from '../../domain/ring-central-presence.ts';
import { syncRulesSchema, type SyncRules } from '../../domain/sync-rules.ts';
import type { TeamsReport } from '../../domain/teams-presence.ts';
import {
  newUserPresence,
  userPresenceSchema,
  type Decision,
  type UserPresence,
  type Wish,
} from '../../domain/user-presence-state.ts';
import {
  applyRules,
  observeRingCentral,
  observeTeams,
  reconsider,
  settle,
  type Answer,
} from '../../domain/user-presence.ts';
import { pairs } from './steps.ts';

export const quiet = {
  userStatus: 'Available',
  dndStatus: 'TakeAllCalls',
  telephonyStatus: 'NoCall',
  meetingStatus: 'Disconnected',
};

/** One person, told by hand what both sides show; each report a second after the one before. */
export class Person {
  state: UserPresence = newUserPresence('101');
  #seconds = 0;
  #ids = 0;

  get at(): string {
    return new Date(Date.parse('2026-03-02T08:00:00Z') + this.#seconds * 1000).toISOString();
  }

  wait(seconds: number): void {
    this.#seconds += seconds;
  }

  teams(said: keyof typeof pairs | TeamsReport, origin: Origin = this.#notification()): Wish[] {
    this.wait(1);
    const report = typeof said === 'string' ? pairs[said] : said;
    return this.#take(observeTeams(this.state, report, origin, this.at));
  }

  /** The company sets these rules, and leaves the others as they are by default. */
  rule(rules: Partial<SyncRules>): Wish[] {
    this.wait(1);
    const stated = { rules: syncRulesSchema.parse(rules), version: this.state.rulesVersion + 1 };
    return this.#take(applyRules(this.state, stated, this.at) ?? { state: this.state, wishes: [] });
  }

  reconsider(): Wish[] {
    return this.#take(reconsider(this.state, this.at));
  }

  ringCentral(report: RingCentralReport, origin: Origin = this.#notification()): Wish[] {
    this.wait(1);
    return this.#take(observeRingCentral(this.state, report, origin, this.at));
  }

  /** Writes the wish at once, and answers it. */
  written(wishes: Wish[]): Wish {
    const [wish, ...more] = wishes;
    if (wish === undefined || more.length > 0) throw new Error(`${wishes.length} wishes instead of one.`);
    this.answer(wish.side, { outcome: 'done', revision: wish.revision, hold: wish.hold });
    return wish;
  }

  /** Answers what is wished for thereupon. */
  answer(side: Side, answer: Answer): Wish[] {
    return this.#take(settle(this.state, side, answer, this.at));
  }

  reject(wishes: Wish[]): Wish[] {
    return wishes.flatMap(({ side, revision, hold }) =>
      this.answer(side, { outcome: 'rejected', code: 'CMN-408', revision, hold }),
    );
  }

  #notification(): Origin {
    return { kind: 'notification', id: `n${(this.#ids += 1)}` };
  }

  #take({ state, wishes }: Decision): Wish[] {
    this.state = userPresenceSchema.parse(state);
    return wishes;
  }
}

/** Somebody available on both sides, of whom RingCentral says `own` beside. */
export function aPerson(own: RingCentralReport = {}, rules: Partial<SyncRules> = {}): Person {
  const person = new Person();
  if (Object.keys(rules).length > 0) person.rule(rules);
  person.teams('Available', { kind: 'read' });
  person.ringCentral({ ...quiet, ...own }, { kind: 'read' });
  return person;
}
