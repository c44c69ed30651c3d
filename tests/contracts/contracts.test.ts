/** What crosses a durable boundary: ids that lead back, and operations that carry all that the rules decide. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  deliveryId,
  exportId,
  graphKeeperId,
  onboardingId,
  outboxKey,
  parseOutboxKey,
  parseUserPresenceKey,
  readId,
  resyncId,
  ringCentralKeeperId,
  tendingId,
  tenantIdSchema,
  userPresenceKey,
} from '../../contracts/identities.ts';
import { presenceOutboxOperationSchema } from '../../contracts/presence-outbox.ts';
import { userPresenceOperationSchema } from '../../contracts/user-presence.ts';
import { sideSchema } from '../../domain/presence.ts';
import { observeRingCentral, observeTeams } from '../../domain/user-presence.ts';
import { newUserPresence } from '../../domain/user-presence-state.ts';

const at = '2026-03-02T08:00:00.000Z';
const read = { kind: 'read' as const };
const side = fc.constantFrom(...sideSchema.options);

describe('durable ids', () => {
  test('lead back to what they were made of', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), side, (tenantId, userId, which) => {
        expect(parseUserPresenceKey(userPresenceKey(tenantId, userId))).toEqual({ tenantId, userId });
        expect(parseOutboxKey(outboxKey(tenantId, which))).toEqual({ tenantId, side: which });
      }),
    );
  });

  test('hold only letters, digits, colons, hyphens and dots, which Durable Functions takes, and fit its 100 characters', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), side, fc.nat(), (tenantId, other, which, n) => {
        const ids = [
          deliveryId(tenantId, which, n),
          graphKeeperId(tenantId, n),
          ringCentralKeeperId(tenantId),
          onboardingId(tenantId),
          exportId(tenantId),
          resyncId(tenantId, which, at),
          tendingId(tenantId, at),
          readId(tenantId, other),
          userPresenceKey(tenantId, other),
        ];
        for (const id of ids) {
          expect(id).toMatch(/^[\w:.-]{1,100}$/);
        }
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  test('are in lower case however a vendor writes an id', () => {
    expect(tenantIdSchema.parse('0F6A8E9E-4D5F-4C8A-9A52-3D6F0A3F1C11')).toBe(
      '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11',
    );
  });

  test.each(['', 'a:b', '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11', '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11:'])(
    'are refused when they are none: %j',
    (key) => {
      expect(() => parseUserPresenceKey(key)).toThrow('Invalid');
      expect(() => parseOutboxKey(key)).toThrow('Invalid');
    },
  );
});

describe('operations', () => {
  test('carry a wish from the rules to the outbox as it is', () => {
    const known = observeRingCentral(
      newUserPresence('101'),
      { userStatus: 'Available', dndStatus: 'TakeAllCalls' },
      read,
      at,
    ).state;
    const { wishes } = observeTeams(
      known,
      { availability: 'DoNotDisturb', activity: 'Presenting' },
      read,
      at,
    );
    expect(wishes).toHaveLength(1);
    for (const { side: _side, ...wish } of wishes) {
      const input = { wish: { ...wish, userId: 'u', targetId: '101' }, at };
      expect(presenceOutboxOperationSchema.parse({ operation: 'wish', input })).toEqual({
        operation: 'wish',
        input,
      });
    }
  });

  test('carry an answer from the outbox to the person as it is', () => {
    for (const outcome of [{ outcome: 'done' }, { outcome: 'dropped' }, { outcome: 'rejected', code: 'x' }]) {
      const input = { side: 'teams', answer: { revision: 3, hold: null, ...outcome }, at };
      expect(userPresenceOperationSchema.parse({ operation: 'settle', input })).toEqual({
        operation: 'settle',
        input,
      });
    }
  });

  test('are refused where nobody knows them or a part is missing', () => {
    expect(userPresenceOperationSchema.safeParse({ operation: 'shout', input: {} }).success).toBe(false);
    const answer = { revision: 1, hold: null, outcome: 'rejected' };
    const input = { side: 'teams', answer, at };
    expect(userPresenceOperationSchema.safeParse({ operation: 'settle', input }).success).toBe(false);
  });
});
