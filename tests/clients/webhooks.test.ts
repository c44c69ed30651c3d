/** Webhook addresses and secrets: made for one recipient, and refused for any other. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { makeWebhookAddresses } from '../../clients/webhooks/addresses.ts';

const addresses = makeWebhookAddresses('https://hub.example.com', 'a key of thirty-two characters..');
const foreign = makeWebhookAddresses('https://hub.example.com', 'another key of thirty-two chars.');
const uuid = fc.uuid();
const recipient = fc.record({ tenantId: uuid, shard: fc.nat(999_999) });

/** Replaces the character at some place by another. */
function tampered(text: string, place: number, by: string): string {
  const at = place % text.length;
  return text.slice(0, at) + by + text.slice(at + 1);
}

describe("Graph's clientState", () => {
  test('is short enough, and tells whom it was made for', () => {
    fc.assert(
      fc.property(recipient, uuid, (whom, microsoftTenantId) => {
        const clientState = addresses.graphClientState(whom, microsoftTenantId);
        expect(clientState.length).toBeLessThanOrEqual(128);
        expect(addresses.readGraphClientState(clientState, microsoftTenantId)).toEqual(whom);
        expect(addresses.readGraphClientState(clientState, microsoftTenantId.toUpperCase())).toEqual(whom);
      }),
    );
  });

  test('is refused with any character changed, added or left out', () => {
    const character = fc.constantFrom('0', '1', '9', 'a', 'f', 'A', 'Z', 'z', '-', '_', '.', ' ');
    fc.assert(
      fc.property(recipient, uuid, fc.nat(), character, (whom, microsoftTenantId, place, by) => {
        const clientState = addresses.graphClientState(whom, microsoftTenantId);
        const at = place % clientState.length;
        const wrong = [
          tampered(clientState, place, by),
          clientState.slice(0, at) + by + clientState.slice(at),
          clientState.slice(0, at) + clientState.slice(at + 1),
        ].filter((text) => text !== clientState);
        for (const text of wrong) {
          expect(addresses.readGraphClientState(text, microsoftTenantId)).toBeUndefined();
        }
      }),
    );
  });

  test('is bound to the shard, to the Microsoft tenant and to our key', () => {
    const whom = { tenantId: '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11', shard: 1 };
    const mine = 'aaaaaaaa-4d5f-4c8a-9a52-3d6f0a3f1c11';
    const clientState = addresses.graphClientState(whom, mine);
    expect(addresses.readGraphClientState(clientState.replace('.1.', '.2.'), mine)).toBeUndefined();
    expect(addresses.readGraphClientState(clientState.replace('.1.', '.01.'), mine)).toBeUndefined();
    expect(addresses.readGraphClientState(clientState, whom.tenantId)).toBeUndefined();
    expect(foreign.readGraphClientState(clientState, mine)).toBeUndefined();
  });

  test('may be any text without harm', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(addresses.readGraphClientState(text, 'anything')).toBeUndefined();
      }),
    );
  });
});

describe("RingCentral's address", () => {
  const keyOf = (tenantId: string, of = addresses): string =>
    of.ringCentralUrl(tenantId).split('/').at(-1) ?? '';

  test('and token are for one tenant, and each needs the other', () => {
    fc.assert(
      fc.property(uuid, uuid, (tenantId, other) => {
        fc.pre(tenantId !== other);
        const token = addresses.ringCentralVerificationToken(tenantId);
        const key = keyOf(tenantId);
        expect(addresses.isForRingCentral(tenantId, key, ['something else', token])).toBe(true);
        expect(addresses.isForRingCentral(other, key, [token])).toBe(false);
        expect(addresses.isForRingCentral(tenantId, keyOf(other), [token])).toBe(false);
        expect(addresses.isForRingCentral(tenantId, key, [])).toBe(false);
        expect(addresses.isForRingCentral(tenantId, key, [key])).toBe(false);
        expect(addresses.isForRingCentral(tenantId, token, [token])).toBe(false);
        expect(foreign.isForRingCentral(tenantId, key, [token])).toBe(false);
      }),
    );
  });

  test('is refused with any character changed', () => {
    const tenantId = '0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11';
    const [key, token] = [keyOf(tenantId), addresses.ringCentralVerificationToken(tenantId)];
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('0', 'a', 'A', '-', '_', 'é'), (place, by) => {
        const [wrongKey, wrongToken] = [tampered(key, place, by), tampered(token, place, by)];
        if (wrongKey !== key) expect(addresses.isForRingCentral(tenantId, wrongKey, [token])).toBe(false);
        if (wrongToken !== token) expect(addresses.isForRingCentral(tenantId, key, [wrongToken])).toBe(false);
      }),
    );
  });

  test('needs no escaping', () => {
    const url = addresses.ringCentralUrl('0f6a8e9e-4d5f-4c8a-9a52-3d6f0a3f1c11');
    expect(new URL(url).href).toBe(url);
  });
});
