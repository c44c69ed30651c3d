/** Both vendors' presence values in our words, and what we write for a hold. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { defaultMapping } from '../../domain/sync-rules.ts';
import { statusSchema, strengthOf, type Status } from '../../domain/presence.ts';
import {
  holdable,
  mergeReport,
  readRingCentralStatus,
  ringCentralWrite,
} from '../../domain/ring-central-presence.ts';
import { readTeamsStatus, teamsWrite } from '../../domain/teams-presence.ts';

describe('Teams', () => {
  test.each<[string, string, Status]>([
    ['Available', 'Available', 'available'],
    ['AvailableIdle', 'Inactive', 'available'],
    ['Available', 'OutOfOffice', 'outOfOffice'],
    ['Away', 'OutOfOffice', 'outOfOffice'],
    ['Offline', 'OutOfOffice', 'outOfOffice'],
    ['Away', 'Away', 'away'],
    ['BeRightBack', 'BeRightBack', 'away'],
    ['Busy', 'Busy', 'busy'],
    ['BusyIdle', 'Inactive', 'busy'],
    ['Busy', 'InACall', 'inCall'],
    ['Busy', 'InAConferenceCall', 'inCall'],
    ['Busy', 'InAMeeting', 'inMeeting'],
    ['DoNotDisturb', 'Presenting', 'doNotDisturb'],
    ['DoNotDisturb', 'InACall', 'doNotDisturb'],
    ['DoNotDisturb', 'Focusing', 'doNotDisturb'],
    ['Offline', 'OffWork', 'offline'],
    ['PresenceUnknown', 'PresenceUnknown', 'unknown'],
    ['inACall', 'busy', 'inCall'],
    ['doNotDisturb', 'presenting', 'doNotDisturb'],
    ['constructor', '__proto__', 'unknown'],
  ])('%s/%s is %s', (availability, activity, status) => {
    expect(readTeamsStatus({ availability, activity })).toBe(status);
  });

  test('reads any text as a status, and no status asks for more than its strength', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (availability, activity) => {
        const status = statusSchema.parse(readTeamsStatus({ availability, activity }));
        const cell = defaultMapping[status];
        expect({ release: 0, busy: 1, doNotDisturb: 2, noChange: -1 }[cell]).toBe(strengthOf(status));
      }),
    );
  });

  test('is written in the pairs Graph takes', () => {
    expect(teamsWrite('busy')).toEqual({ kind: 'set', availability: 'Busy', activity: 'InACall' });
    expect(teamsWrite('doNotDisturb')).toEqual({
      kind: 'set',
      availability: 'DoNotDisturb',
      activity: 'Presenting',
    });
    expect(teamsWrite(null)).toEqual({ kind: 'clear' });
  });
});

describe('RingCentral', () => {
  test.each<[Record<string, string>, Status]>([
    [{}, 'unknown'],
    [{ userStatus: 'Available' }, 'available'],
    [{ userStatus: 'Busy' }, 'busy'],
    [{ userStatus: 'Offline' }, 'offline'],
    [{ userStatus: 'toString' }, 'unknown'],
    [{ userStatus: 'Available', telephonyStatus: 'CallConnected' }, 'inCall'],
    [{ userStatus: 'Available', telephonyStatus: 'OnHold' }, 'inCall'],
    [{ userStatus: 'Available', telephonyStatus: 'ParkedCall' }, 'inCall'],
    [{ userStatus: 'Available', telephonyStatus: 'Ringing' }, 'available'],
    [{ userStatus: 'Available', meetingStatus: 'Connected' }, 'inMeeting'],
    [{ userStatus: 'Offline', dndStatus: 'DoNotAcceptAnyCalls' }, 'doNotDisturb'],
    [{ userStatus: 'Available', dndStatus: 'DoNotAcceptDepartmentCalls' }, 'available'],
    [{ userStatus: 'Available', dndStatusPersonal: 'DoNotAcceptAnyCalls' }, 'doNotDisturb'],
  ])('%j is %s', (report, status) => {
    expect(readRingCentralStatus(report)).toBe(status);
  });

  test('keeps what an event leaves out', () => {
    const known = { userStatus: 'Busy', telephonyStatus: 'CallConnected' };
    expect(mergeReport(known, { userStatus: 'Available', telephonyStatus: undefined })).toEqual({
      userStatus: 'Available',
      telephonyStatus: 'CallConnected',
    });
  });

  test('changes only the fields of the hold', () => {
    const own = { userStatus: 'Available', dndStatus: 'DoNotAcceptDepartmentCalls' };
    expect(ringCentralWrite('busy', ['busy'], own)).toEqual({ userStatus: 'Busy' });
    expect(ringCentralWrite('doNotDisturb', ['doNotDisturb'], own)).toEqual({
      dndStatus: 'DoNotAcceptAnyCalls',
    });
    expect(ringCentralWrite(null, [], own)).toEqual({});
    expect(ringCentralWrite(null, ['busy', 'doNotDisturb'], own)).toEqual(own);
  });

  test.each([
    [{}, null],
    [{ userStatus: 'Offline', dndStatus: 'TakeAllCalls' }, null],
    [{ userStatus: 'Vacation', dndStatus: 'TakeAllCalls' }, null],
    [{ userStatus: 'Available' }, 'busy'],
    [{ userStatus: 'Available', dndStatus: 'Unknown' }, 'busy'],
    [{ userStatus: 'Available', dndStatus: 'TakeAllCalls' }, 'doNotDisturb'],
    [{ userStatus: 'Busy', dndStatus: 'TakeAllCalls', dndStatusPersonal: 'TakeAllCalls' }, 'doNotDisturb'],
  ])('over %j the most that may be held is %s', (own, hold) => {
    expect(holdable('doNotDisturb', own)).toBe(hold);
    expect(holdable(null, own)).toBeNull();
  });
});
