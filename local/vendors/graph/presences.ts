/** Everybody's presence in Teams: set by the person, by the client and by applications, ended by time. */
import type { Clock, Scheduled } from '../../clock/clock.ts';
import type { Collection, VendorData } from '../vendor-data.ts';
import {
  clientSession,
  isPreferable,
  nextChangeAt,
  preferredLifeMs,
  visiblePresence,
  withoutExpired,
  type Presence,
  type PresenceState,
} from './presence-rules.ts';

/** What everybody sees of one person. */
export interface ShownPresence extends Presence {
  readonly userId: string;
  /** Counts the person's changes. */
  readonly sequence: number;
}

interface Stored {
  readonly userId: string;
  readonly state: PresenceState;
  readonly shown: Presence;
  readonly sequence: number;
}

export class Presences {
  readonly #clock: Clock;
  readonly #stored: Collection<Stored>;
  readonly #changed: (presence: ShownPresence) => void;
  readonly #waiting = new Map<string, Scheduled>();

  /** `changed` is told of every change that others see. */
  constructor(clock: Clock, data: VendorData, changed: (presence: ShownPresence) => void) {
    this.#clock = clock;
    this.#stored = data.collection<Stored>('presences');
    this.#changed = changed;
    for (const { userId, state, shown } of this.#stored.all()) {
      // What ended while the simulator was down is seen to at once.
      const { availability, activity } = visiblePresence(state, clock.now());
      if (availability === shown.availability && activity === shown.activity) this.#await(userId, state);
      else this.#changeAt(userId, clock.now());
    }
  }

  /** What everybody sees of this person now. */
  show(userId: string): ShownPresence {
    const { state, sequence } = this.#read(userId);
    return { userId, ...visiblePresence(state, this.#clock.now()), sequence };
  }

  /** What an application sets for its session. */
  setSession(userId: string, sessionId: string, presence: Presence, lifeMs: number): void {
    const now = this.#clock.now();
    this.#change(userId, ({ preferred, sessions }) => ({
      preferred,
      sessions: { ...sessions, [sessionId]: { ...presence, setAt: now, expiresAt: now + lifeMs } },
    }));
  }

  /** Answers whether there was such a session. */
  clearSession(userId: string, sessionId: string): boolean {
    const { sessions } = withoutExpired(this.#read(userId).state, this.#clock.now());
    if (sessions[sessionId] === undefined) return false;
    this.#change(userId, (state) => ({ ...state, sessions: without(state.sessions, sessionId) }));
    return true;
  }

  setPreferred(userId: string, presence: Presence, lifeMs: number): void {
    const now = this.#clock.now();
    const preferred = { ...presence, setAt: now, expiresAt: now + lifeMs };
    this.#change(userId, ({ sessions }) => ({ preferred, sessions }));
  }

  clearPreferred(userId: string): void {
    this.#change(userId, ({ sessions }) => ({ sessions }));
  }

  /**
   * The person does something in Teams: picks a status, which becomes the preferred one; resets it with
   * Available; signs out with Offline/Offline; or is in a call or whatever else, as the client then reports.
   */
  setByPerson(userId: string, presence: Presence): void {
    const now = this.#clock.now();
    const online = { availability: 'Available', activity: 'Available', setAt: now };
    const pair = `${presence.availability}/${presence.activity}`;
    this.#change(userId, ({ preferred, sessions }) => {
      if (pair === 'Offline/Offline') return { preferred, sessions: without(sessions, clientSession) };
      if (pair === 'Available/Available') return { sessions: { ...sessions, [clientSession]: online } };
      if (!isPreferable(presence)) {
        return { preferred, sessions: { ...sessions, [clientSession]: { ...presence, setAt: now } } };
      }
      const expiresAt = now + preferredLifeMs(presence.availability);
      return {
        preferred: { ...presence, setAt: now, expiresAt },
        sessions: { [clientSession]: online, ...sessions },
      };
    });
  }

  close(): void {
    for (const waiting of this.#waiting.values()) waiting.cancel();
    this.#waiting.clear();
  }

  /** Somebody of whom nothing is stored yet is signed in and available. */
  #read(userId: string): Stored {
    const available = { availability: 'Available', activity: 'Available' };
    return (
      this.#stored.get(userId) ?? {
        userId,
        state: { sessions: { [clientSession]: { ...available, setAt: 0 } } },
        shown: available,
        sequence: 1,
      }
    );
  }

  #change(userId: string, next: (state: PresenceState) => PresenceState): void {
    const now = this.#clock.now();
    const before = this.#read(userId);
    const state = withoutExpired(next(withoutExpired(before.state, now)), now);
    const shown = visiblePresence(state, now);
    const isSeen =
      shown.availability !== before.shown.availability || shown.activity !== before.shown.activity;
    const sequence = before.sequence + (isSeen ? 1 : 0);
    this.#stored.put(userId, { userId, state, shown, sequence });
    this.#await(userId, state);
    if (isSeen) this.#changed({ userId, ...shown, sequence });
  }

  #await(userId: string, state: PresenceState): void {
    this.#waiting.get(userId)?.cancel();
    this.#waiting.delete(userId);
    const due = nextChangeAt(state, this.#clock.now());
    if (due === undefined) return;
    this.#changeAt(userId, due);
  }

  #changeAt(userId: string, due: number): void {
    const waiting = this.#clock.schedule(due, () => {
      this.#waiting.delete(userId);
      this.#change(userId, (same) => same);
    });
    this.#waiting.set(userId, waiting);
  }
}

function without<T>(all: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([each]) => each !== key));
}
