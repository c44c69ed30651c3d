/** The chain of receipts: whatever is done to it afterwards is noticed, and at which link. */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { makeReceiptProof, makeReceiptSeal } from '../../clients/receipts.ts';
import { brokenLink, canonicalText, type Receipt } from '../../domain/erasure-receipt.ts';
import { aChain, aContent, aSigningKey, seal } from '../support/receipts.ts';

const proof = makeReceiptProof(seal.publicKey);
const length = 6;
const chain = aChain(length);
const places = fc.integer({ min: 0, max: length - 1 });

test('a chain is in order as it was issued, as a whole, page by page, and empty', () => {
  expect(brokenLink(chain, proof)).toBeUndefined();
  expect(brokenLink(JSON.parse(JSON.stringify(chain)) as unknown[], proof)).toBeUndefined();
  expect(brokenLink(chain.slice(3), proof, chain[2])).toBeUndefined();
  expect(brokenLink([], proof)).toBeUndefined();
});

/** Another value in place of the one at a path, wherever it is in a link. */
const changes: ((receipt: Receipt) => unknown)[] = [
  ({ body, ...rest }) => ({ ...rest, body: { ...body, erased: { ...body.erased, 'sql:users': 999 } } }),
  ({ body, ...rest }) => ({ ...rest, body: { ...body, category: 'billing' } }),
  ({ body, ...rest }) => ({ ...rest, body: { ...body, dueAt: '2020-01-01T00:00:00.000Z' } }),
  ({ body, ...rest }) => ({ ...rest, body: { ...body, finishedAt: '2020-01-01T00:00:00.000Z' } }),
  ({ body, ...rest }) => ({ ...rest, body: { ...body, claimHash: 'x'.repeat(43) } }),
  ({ body, ...rest }) => ({ ...rest, body: { ...body, erasureId: 'x'.repeat(43) } }),
  ({ body, ...rest }) => ({ ...rest, body: { ...body, previousHash: 'f'.repeat(64) } }),
  ({ body, ...rest }) => ({ ...rest, body: { ...body, sequence: body.sequence + 1 } }),
  ({ body, ...rest }) => ({ ...rest, body: { ...body, leftOver: 1 } }),
  ({ body, ...rest }) => ({ ...rest, body: { ...body, tenantId: 'somebody' } }),
  (receipt) => ({ ...receipt, hash: 'f'.repeat(64) }),
  (receipt) => ({ ...receipt, signature: 'A'.repeat(86) }),
  () => null,
];

test('whatever is changed in a link is noticed at this link', () => {
  fc.assert(
    fc.property(places, fc.constantFrom(...changes), (place, change) => {
      const changed = chain.map((receipt, index) => (index === place ? change(receipt) : receipt));
      expect(brokenLink(changed, proof)?.link).toBe(place + 1);
    }),
  );
});

test('a link that is changed and hashed anew is not signed; signed with another key it is nobody’s', () => {
  const stranger = makeReceiptSeal(aSigningKey());
  fc.assert(
    fc.property(places, (place) => {
      const forged = stranger.seal(aContent(99), chain[place - 1]);
      const changed = chain.map((receipt, index) => (index === place ? forged : receipt));
      expect(brokenLink(changed, proof)).toEqual({ link: place + 1, fault: 'unsigned' });
    }),
  );
});

test('a link that is taken out, put in or moved is noticed', () => {
  fc.assert(
    fc.property(places, places, (one, other) => {
      fc.pre(one < other);
      expect(brokenLink(chain.toSpliced(one, 1), proof)).toEqual({ link: one + 1, fault: 'outOfOrder' });
      const moved = chain.with(one, chain[other] as Receipt).with(other, chain[one] as Receipt);
      expect(brokenLink(moved, proof)).toEqual({ link: one + 1, fault: 'outOfOrder' });
      const repeated = chain.toSpliced(other, 0, chain[one] as Receipt);
      expect(brokenLink(repeated, proof)).toEqual({ link: other + 1, fault: 'outOfOrder' });
    }),
  );
});

test('the same is the same text, in whatever order it was said', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalText(turned)).toBe(canonicalText(value));
      expect(JSON.parse(canonicalText(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('an erasure has one id, which differs by tenant, category and time, and by the key', () => {
  const dueAt = new Date('2026-03-02T08:00:00Z');
  const later = new Date('2026-03-02T09:00:00Z');
  const ids = [
    seal.erasureIdOf('tenant-a', { category: 'service', dueAt }),
    seal.erasureIdOf('tenant-b', { category: 'service', dueAt }),
    seal.erasureIdOf('tenant-a', { category: 'licence', dueAt }),
    seal.erasureIdOf('tenant-a', { category: 'service', dueAt: later }),
    makeReceiptSeal(aSigningKey()).erasureIdOf('tenant-a', { category: 'service', dueAt }),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(seal.erasureIdOf('TENANT-A', { category: 'service', dueAt })).toBe(ids[0]);
});
