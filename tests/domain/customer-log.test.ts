/** What the customer log can say, how it says it, and when something is an entry of its own. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  happeningSchema,
  plainCode,
  readHappening,
  severityOf,
  type Happening,
} from '../../domain/customer-log.ts';
import {
  toldDaily,
  toldOfConnection,
  toldOfCreation,
  toldOfEnrolment,
  toldOfFailure,
  toldOfGap,
  toldOfRead,
  toldOfRenewal,
  toldOfSeats,
  toldOfWrites,
} from '../../domain/customer-log-occasions.ts';
import { inPlainEnglish } from '../../domain/customer-log-sentences.ts';
import { sideSchema, statusSchema } from '../../domain/presence.ts';
import { newTenant, noteConnection } from '../../domain/tenant.ts';

const userId = '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
const morning = new Date('2026-03-02T08:10:00Z');
const later = (hours: number): Date => new Date(morning.getTime() + hours * 3_600_000);

/** Of each kind one, with its sentence. */
const sentences: { [Kind in Happening['kind']]: [Extract<Happening, { kind: Kind }>, string] } = {
  connected: [{ kind: 'connected', side: 'teams' }, 'Microsoft Teams is connected.'],
  consentRevoked: [
    { kind: 'consentRevoked', side: 'ringCentral', code: 'OAU-213' },
    'RingCentral no longer lets Presence Hub in (OAU-213): until you connect again nothing is read or written there.',
  ],
  subscriptionCreated: [
    { kind: 'subscriptionCreated', side: 'teams', shard: 1 },
    'Microsoft Teams now reports changes of presence of group 2.',
  ],
  subscriptionRenewed: [
    { kind: 'subscriptionRenewed', side: 'ringCentral' },
    'RingCentral goes on reporting changes of presence.',
  ],
  subscriptionTrouble: [
    { kind: 'subscriptionTrouble', side: 'ringCentral', code: 'SUB-521' },
    'RingCentral could not be had to report changes of presence (SUB-521); it is asked again.',
  ],
  notificationsMissed: [
    { kind: 'notificationsMissed', side: 'teams', shard: 0 },
    'Microsoft Teams may not have reported all changes of presence of group 1; presence is read again.',
  ],
  notConverged: [
    { kind: 'notConverged', side: 'teams', people: 2 },
    'For 2 people a change has been waiting to be set in Microsoft Teams for more than five minutes.',
  ],
  notificationsSilent: [
    { kind: 'notificationsSilent', side: 'ringCentral' },
    'RingCentral had stopped reporting changes of presence; it is asked to report them anew, and presence is read again.',
  ],
  presenceWritten: [
    { kind: 'presenceWritten', side: 'teams', people: 1, userId },
    'Presence in Microsoft Teams was set for Ada Lovelace.',
  ],
  presenceRefused: [
    { kind: 'presenceRefused', side: 'ringCentral', userId, code: 'CMN-102' },
    'RingCentral refused to have presence set for Ada Lovelace (CMN-102).',
  ],
  presenceRead: [
    { kind: 'presenceRead', side: 'teams', people: 650 },
    'Presence of 650 people was read from Microsoft Teams.',
  ],
  presenceUnread: [
    { kind: 'presenceUnread', side: 'teams', code: 'Forbidden' },
    'Presence could not be read from Microsoft Teams (Forbidden).',
  ],
  throttled: [
    { kind: 'throttled', side: 'ringCentral', seconds: 60 },
    'RingCentral asked for a pause of 60 seconds; what was waiting comes later.',
  ],
  vendorUnavailable: [
    { kind: 'vendorUnavailable', side: 'ringCentral', code: 'HTTP503' },
    'RingCentral could not be reached (HTTP503); it is tried again.',
  ],
  peopleEnrolled: [
    { kind: 'peopleEnrolled', people: 3 },
    'Presence Hub looks after 3 people in Microsoft Teams and RingCentral.',
  ],
  subscriptionChanged: [
    { kind: 'subscriptionChanged', change: 'quantityChanged', seats: 12 },
    'The number of seats was changed to 12.',
  ],
  changeRefused: [
    { kind: 'changeRefused', reason: 'planNotOffered' },
    'The change of plan was refused, because Presence Hub does not offer that plan any more.',
  ],
  seatsExceeded: [
    { kind: 'seatsExceeded', people: 4, seats: 2 },
    'There are seats for 2 of 4 people: those who were assigned last are not looked after until there are more.',
  ],
  seatsRestored: [
    { kind: 'seatsRestored', people: 4 },
    'There are seats for everybody again, 4 people in all.',
  ],
  rulesChanged: [{ kind: 'rulesChanged', version: 3 }, 'The rules were changed: version 3 holds now.'],
  exceptionChanged: [
    { kind: 'exceptionChanged', userId, removed: false },
    'An exception to the rules was made for Ada Lovelace.',
  ],
  directoryChanged: [
    { kind: 'directoryChanged', joined: 2, left: 1, moved: 0 },
    'By the directories, 2 people joined, one person left.',
  ],
  directoryUnread: [
    { kind: 'directoryUnread', side: 'ringCentral', code: 'CMN-408' },
    'The directory of RingCentral could not be read (CMN-408); it is tried again the next night.',
  ],
  peopleUnplaced: [
    { kind: 'peopleUnplaced', people: 50, places: 650 },
    'There is no room for 50 people: the accounts that read presence have 650 places in all, and one more has to be connected.',
  ],
  peopleUnclear: [
    { kind: 'peopleUnclear', people: 2 },
    'Mail addresses are shared, in Microsoft 365 or in RingCentral, so that 2 people cannot be told apart and are not matched by them.',
  ],
  departuresHeld: [
    { kind: 'departuresHeld', leaving: 12, people: 21 },
    'By the directories, 12 of 21 people would not be looked after any more, so nothing was changed: if that is right, have the directories read again, or wait for the next night.',
  ],
  dataExported: [{ kind: 'dataExported', userId }, 'The data held about Ada Lovelace was exported.'],
};
const samples = Object.entries(sentences).map(([kind, [happening, sentence]]) => ({
  kind,
  happening,
  sentence,
}));

describe('what the log can hold', () => {
  test.each(samples)('of $kind is read back as it was told', ({ happening }) => {
    expect(readHappening(JSON.parse(JSON.stringify(happening)))).toEqual(happening);
  });

  test('of a newer version, of another shape or of nothing, is not known instead of failing', () => {
    for (const told of [
      { kind: 'moonRose', side: 'teams' },
      { kind: 'connected', side: 'pager' },
      {},
      null,
      'x',
    ]) {
      expect(readHappening(told)).toBeUndefined();
    }
    expect(readHappening({ kind: 'connected', side: 'teams', since: 'a newer particular' })).toEqual({
      kind: 'connected',
      side: 'teams',
    });
  });

  test.each(['Ada Lovelace', 'ada@example.com', 'eyJhbGciOi.eyJzdWIi/+x', 'x'.repeat(81), ''])(
    'is no code with %j in it',
    (text) => {
      expect(happeningSchema.safeParse({ kind: 'consentRevoked', side: 'teams', code: text }).success).toBe(
        false,
      );
      expect(plainCode(text)).toBe('unnamed');
    },
  );

  test('names people by their Entra object id only', () => {
    for (const kind of ['presenceRefused', 'presenceWritten', 'dataExported']) {
      const told = { kind, side: 'teams', people: 1, code: 'x' };
      expect(happeningSchema.safeParse({ ...told, userId: 'ada@example.com' }).success).toBe(false);
      expect(happeningSchema.safeParse({ ...told, userId }).success).toBe(true);
    }
  });

  test('asks for the attention of the customer where only they can help', () => {
    const errors = samples.filter(({ happening }) => severityOf(happening.kind) === 'error');
    expect(errors.map(({ kind }) => kind)).toEqual(['consentRevoked']);
  });
});

describe('in plain English', () => {
  test.each(samples)('$kind reads well', ({ happening, sentence }) => {
    expect(inPlainEnglish(happening, 'Ada Lovelace')).toBe(sentence);
  });

  test.each(samples)('$kind is one sentence without a name, an id or a presence value', ({ happening }) => {
    const text = inPlainEnglish(happening);
    expect(text).toMatch(/^[A-Z][^.]*\.$/);
    expect(text).not.toMatch(/undefined|null|NaN|[0-9a-f]{8}-/);
    for (const status of statusSchema.options) expect(text).not.toContain(status);
  });

  test('what this version does not know is told as that', () => {
    expect(inPlainEnglish(undefined)).toBe('Something happened that this version does not know.');
  });

  test('one is one person, and what is not known is left out', () => {
    expect(inPlainEnglish({ kind: 'peopleEnrolled', people: 1 })).toContain('looks after one person in');
    expect(inPlainEnglish({ kind: 'presenceWritten', side: 'teams', people: 7 })).toContain('for 7 people.');
    expect(inPlainEnglish({ kind: 'throttled', side: 'teams' })).toContain('a pause; what');
    expect(inPlainEnglish({ kind: 'throttled', side: 'teams', seconds: 1 })).toContain(
      'a pause of one second;',
    );
    expect(inPlainEnglish({ kind: 'vendorUnavailable', side: 'teams' })).toContain('reached; it');
    expect(inPlainEnglish({ kind: 'dataExported' })).toContain('the whole company');
  });

  test('rules that were brought back, and exceptions that were removed, read otherwise', () => {
    expect(inPlainEnglish({ kind: 'rulesChanged', version: 3, restored: 1 })).toBe(
      'The rules of version 1 were brought back: they hold now as version 3.',
    );
    expect(inPlainEnglish({ kind: 'exceptionChanged', userId, removed: true }, 'Ada Lovelace')).toBe(
      'The rules of the company hold for Ada Lovelace again.',
    );
  });
});

describe('a connection', () => {
  const revoked = { side: 'teams', health: 'reconnectRequired', code: 'AADSTS65001' } as const;
  const connected = { side: 'teams', health: 'connected' } as const;
  const step = fc.record({
    found: fc.constantFrom(revoked, { ...revoked, code: 'AADSTS50173' }, connected),
    /** How many find it so before the tenant hears of it. */
    finders: fc.integer({ min: 1, max: 4 }),
  });

  test('is told once for each time it changes, whoever finds out and however often', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let tenant = newTenant(1);
        const entries = new Map<string, string>();
        const expected: string[] = [];
        for (const [index, { found, finders }] of steps.entries()) {
          if (tenant.connections.teams.health !== found.health) expected.push(found.health);
          for (let finder = 0; finder < finders; finder++) {
            const told = toldOfConnection(found, tenant.connections.teams);
            if (told !== undefined) entries.set(`${told.happening.kind} ${told.once}`, found.health);
          }
          const { side, ...connection } = found;
          tenant = noteConnection(tenant, side, connection, later(index).toISOString()).tenant;
        }
        expect([...entries.values()]).toEqual(expected);
      }),
    );
  });

  test('of the other side is another matter', () => {
    const { teams } = newTenant(1).connections;
    expect(toldOfConnection(connected, teams)?.once).not.toBe(
      toldOfConnection({ ...connected, side: 'ringCentral' }, teams)?.once,
    );
    expect(toldOfConnection(connected, undefined)?.happening).toEqual({ kind: 'connected', side: 'teams' });
  });
});

describe('a vendor subscription', () => {
  const standing = { side: 'teams', shard: 0, subscriptionId: 'S1' } as const;

  test('is made once, and says once a day that it was renewed', () => {
    expect(toldOfCreation(standing)).toEqual({
      happening: { kind: 'subscriptionCreated', side: 'teams', shard: 0 },
      once: 'S1',
    });
    expect(toldOfRenewal(standing, later(15))).toEqual(toldOfRenewal(standing, morning));
    expect(toldOfRenewal(standing, later(16)).once).not.toBe(toldOfRenewal(standing, morning).once);
    expect(toldOfCreation({ ...standing, subscriptionId: 'S2' }).once).not.toBe('S1');
  });

  test('that misses notifications again and again says so once an hour, for each group of people', () => {
    const told = (shard: number, hours: number) => toldOfGap({ side: 'teams', shard }, later(hours)).once;
    expect(told(0, 0.5)).toBe(told(0, 0));
    expect(new Set([told(0, 0), told(0, 1), told(1, 0)]).size).toBe(3);
    expect(toldOfGap({ side: 'ringCentral' }, morning).happening).toEqual({
      kind: 'notificationsMissed',
      side: 'ringCentral',
    });
  });
});

describe('writes and reads', () => {
  const other = { targetId: '102', revision: 1 };
  const ordered = [{ targetId: '101', revision: 4 }, other];

  test('are told by what was ordered, in whatever order', () => {
    const first = toldOfWrites('ringCentral', ordered, [userId, userId]);
    expect(first?.happening).toEqual({ kind: 'presenceWritten', side: 'ringCentral', people: 2 });
    expect(toldOfWrites('ringCentral', ordered.toReversed(), [userId])?.once).toBe(first?.once);
    const next = [{ targetId: '101', revision: 5 }, other];
    expect(toldOfWrites('ringCentral', next, [userId])?.once).not.toBe(first?.once);
    expect(toldOfWrites('teams', ordered, [userId])?.once).not.toBe(first?.once);
  });

  test('name whom they were for where it was one person', () => {
    expect(toldOfWrites('teams', ordered, [userId])?.happening).toMatchObject({ people: 1, userId });
    expect(toldOfWrites('teams', ordered, [])).toBeUndefined();
  });

  test('of a page are told once for each read, and of nobody not at all', () => {
    const read = (reading: string, page: number) => toldOfRead('teams', 5, { reading, page })?.once;
    expect(new Set([read('a', 0), read('a', 1), read('b', 0)]).size).toBe(3);
    expect(read('a', 0)).toBe(read('a', 0));
    expect(toldOfRead('teams', 0, { reading: 'a', page: 0 })).toBeUndefined();
    expect(toldOfEnrolment(0, 'a')).toBeUndefined();
    expect(toldOfEnrolment(2, 'a')).toEqual({ happening: { kind: 'peopleEnrolled', people: 2 }, once: 'a' });
  });
});

describe('seats', () => {
  const four = { seats: 4, seated: 4, unseated: [], newlySeated: [] };

  test('that are too few are told by each run of the onboarding, run twice or not', () => {
    const few = { ...four, seats: 2, seated: 2, unseated: ['c', 'd'] };
    expect(toldOfSeats(few, 'a')).toEqual({
      happening: { kind: 'seatsExceeded', people: 4, seats: 2 },
      once: 'a',
    });
    expect(toldOfSeats({ ...few, newlySeated: ['b'] }, 'b')?.happening.kind).toBe('seatsExceeded');
  });

  test('that suffice are told where they did not before', () => {
    expect(toldOfSeats(four, 'a')).toBeUndefined();
    const happening = { kind: 'seatsRestored', people: 4 };
    expect(toldOfSeats({ ...four, newlySeated: ['d'] }, 'a')).toEqual({ happening, once: 'a' });
    expect(toldOfSeats({ ...four, seats: null, newlySeated: ['d'] }, 'a')).toEqual({ happening, once: 'a' });
  });
});

describe('a failure', () => {
  const refused = (code: string): Happening => ({ kind: 'presenceRefused', side: 'teams', userId, code });
  const told = (failure: Parameters<typeof toldOfFailure>[0], at: Date) =>
    toldOfFailure(failure, { side: 'teams', at, refused });

  test('that passes by itself is told once an hour, whatever code or pause it comes with', () => {
    const throttled = told({ failure: 'throttled', code: 'HTTP429', retryAfterSeconds: 29.2 }, morning);
    expect(throttled?.happening).toEqual({ kind: 'throttled', side: 'teams', seconds: 30 });
    expect(told({ failure: 'throttled', code: 'x' }, later(0.5))?.once).toBe(throttled?.once);
    expect(told({ failure: 'throttled', code: 'x' }, later(1))?.once).not.toBe(throttled?.once);
    const down = told({ failure: 'unavailable', code: 'not a code' }, morning);
    expect(down?.happening).toEqual({ kind: 'vendorUnavailable', side: 'teams', code: 'unnamed' });
    expect(told({ failure: 'unavailable', code: 'Timeout' }, later(0.5))?.once).toBe(down?.once);
  });

  test.each(['rejected', 'notFound', 'conflict'] as const)(
    '%s is told once a day, with each code',
    (failure) => {
      const first = told({ failure, code: 'Forbidden' }, morning);
      expect(first?.happening).toEqual(refused('Forbidden'));
      expect(told({ failure, code: 'Forbidden' }, later(15))?.once).toBe(first?.once);
      expect(told({ failure, code: 'Forbidden' }, later(16))?.once).not.toBe(first?.once);
      expect(told({ failure, code: 'Other' }, morning)?.once).not.toBe(first?.once);
    },
  );

  test('of consent is told as a change of the connection', () => {
    expect(told({ failure: 'consentRevoked', code: 'AADSTS65001' }, morning)).toBeUndefined();
  });

  test('of whatever kind fits the log', () => {
    const code = fc.oneof(fc.string(), fc.constantFrom('HTTP503', 'CMN-102'));
    const seconds = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined });
    const failures = ['throttled', 'unavailable', 'notFound', 'conflict', 'rejected'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...failures), code, seconds, (failure, text, retryAfterSeconds) => {
        const { happening } = told({ failure, code: text, retryAfterSeconds }, morning) ?? {};
        expect(readHappening(happening)).toEqual(happening);
      }),
    );
  });

  test('that is ours is told once a day, too, and of each side by itself', () => {
    const ofSide = sideSchema.options.map(
      (side) => toldDaily({ kind: 'subscriptionTrouble', side, code: 'filterDisabled' }, morning).once,
    );
    expect(new Set(ofSide).size).toBe(2);
  });
});
