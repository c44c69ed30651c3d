/** The chain of receipts in its two places, and what is due again after the database was restored. */
import { copyFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeCustomerCodes } from '../../clients/customer-codes.ts';
import { brokenLink } from '../../domain/erasure-receipt.ts';
import { reapplyErasures } from '../../store/reapply-erasures.ts';
import type { ReceiptBlobs } from '../../store/receipt-blobs.ts';
import { makeReceiptLedger, type ReceiptLedger } from '../../store/receipt-ledger.ts';
import { makeStore, openSettings, type Store } from '../../store/store.ts';
import { aContent, seal, signingKey } from '../support/receipts.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { aTenant, minutesLater, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;
let texts: Map<number, string>;
let blobs: ReceiptBlobs;
let ledger: ReceiptLedger;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
  texts = new Map();
  blobs = {
    put: async (sequence, text) => {
      if (texts.has(sequence)) return false;
      texts.set(sequence, text);
      return true;
    },
    find: async (sequence) => texts.get(sequence),
    all: async () => [...texts].toSorted(([one], [other]) => one - other).map(([, text]) => text),
  };
  ledger = makeReceiptLedger({ receipts: store.erasureReceipts, blobs, seal });
});

afterEach(() => database.remove());

async function expectWhole(length: number): Promise<void> {
  const chain = await ledger.page(0, 100);
  expect(chain).toHaveLength(length);
  expect(brokenLink(chain, seal)).toBeUndefined();
  expect((await blobs.all()).map((text) => JSON.parse(text) as unknown)).toEqual(chain);
}

describe('the ledger', () => {
  test('has one receipt of an erasure, however often it is issued', async () => {
    const first = await ledger.issue(aContent(1));
    await ledger.issue(aContent(2));
    expect(await ledger.issue({ ...aContent(1), finishedAt: aContent(9).finishedAt })).toEqual(first);
    await expectWhole(2);
  });

  const numbers = [1, 2, 3, 4, 5, 6, 7, 8];

  test('has all that several workers issue at once, each once', async () => {
    const workers = [1, 2, 3].map(() => makeReceiptLedger({ receipts: store.erasureReceipts, blobs, seal }));
    await Promise.all(
      workers.flatMap((worker) => [...numbers, ...numbers].map((number) => worker.issue(aContent(number)))),
    );
    await expectWhole(numbers.length);
  });

  test('lets those of one worker take turns, so that none finds its place taken, nor fails with another', async () => {
    const refused: number[] = [];
    const one = makeReceiptLedger({
      receipts: store.erasureReceipts,
      blobs: {
        ...blobs,
        put: async (sequence, text) => {
          if (text.includes(aContent(3).erasureId) && refused.length === 0) {
            refused.push(3);
            throw new Error('storage is away');
          }
          const isPut = await blobs.put(sequence, text);
          if (!isPut) refused.push(sequence);
          return isPut;
        },
      },
      seal,
    });
    const issued = await Promise.allSettled(numbers.map((number) => one.issue(aContent(number))));
    expect(issued.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(refused).toEqual([3]);
    await expectWhole(numbers.length - 1);
  });

  test('goes on where it was interrupted between the two places', async () => {
    await ledger.issue(aContent(1));
    const broken = makeReceiptLedger({
      receipts: { ...store.erasureReceipts, append: () => Promise.reject(new Error('power cut')) },
      blobs,
      seal,
    });
    await expect(broken.issue(aContent(2))).rejects.toThrow('power cut');
    await ledger.issue(aContent(3));
    await ledger.issue(aContent(2));
    await expectWhole(3);
  });

  test('takes in nothing that is not as it was issued', async () => {
    await ledger.issue(aContent(1));
    texts.set(2, '{"hash":"forged"}');
    await expect(ledger.issue(aContent(3))).rejects.toMatchObject({ code: 'receipts.2' });
    expect(await ledger.page(0, 10)).toHaveLength(1);
  });
});

describe('after a restore', () => {
  const codes = makeCustomerCodes(signingKey);
  const claimHash = (id: string): string => codes.claimHash(id);
  const now = minutesLater(100);
  const reapply = (from: Store) => reapplyErasures({ store: from, blobs, proof: seal, codes, now });
  const plan = { planId: 'pro', quantity: 5 };
  const noted = { eventId: 'e-1', termUnit: null, purchaser: { mail: null, objectId: null } };

  async function served(id: string): Promise<void> {
    await store.tenants.add({ ...aTenant, tenantId: id }, minutesLater(0));
    await store.subscriptions.change(id, { event: 'paid', plan, at: minutesLater(0) }, noted);
  }

  test('what was erased since is due again, and ends at its old time; what the database knows of is not', async () => {
    await served(tenantId);
    await served(otherId);
    await ledger.issue(aContent(1, { claimHash: claimHash(otherId) }));
    // As the database is put back: it lacks what comes now.
    const cancelledAt = minutesLater(30);
    const dueAt = minutesLater(30 + 24 * 60).toISOString();
    const lost = seal.seal(
      aContent(2, { claimHash: claimHash(tenantId), dueAt }),
      (await ledger.page(0, 1))[0],
    );
    texts.set(2, JSON.stringify(lost));

    expect(await reapply(store)).toEqual({ receipts: 2, missing: 1, due: 1 });
    expect(await store.subscriptions.find(tenantId)).toMatchObject({ state: 'cancelled' });
    expect(await store.dueDeletions.of(tenantId)).toEqual([
      { category: 'service', reason: 'cancelled', dueAt: now },
      { category: 'licence', reason: 'cancelled', dueAt: new Date(cancelledAt.getTime() + 30 * 86_400_000) },
      { category: 'billing', reason: 'cancelled', dueAt: new Date(cancelledAt.getTime() + 90 * 86_400_000) },
    ]);
    expect(await store.dueDeletions.of(otherId)).toEqual([]);
    expect(await store.subscriptions.find(otherId)).toMatchObject({ state: 'active' });
    await expectWhole(2);
    expect(await reapply(store)).toEqual({ receipts: 2, missing: 0, due: 0 });
  });

  test('nothing is done where a receipt was changed', async () => {
    await served(tenantId);
    const lost = seal.seal(aContent(1, { claimHash: claimHash(tenantId) }), undefined);
    texts.set(1, JSON.stringify({ ...lost, body: { ...lost.body, category: 'billing' } }));
    expect(await reapply(store)).toEqual({ broken: { link: 1, fault: 'changed' } });
    expect(await store.dueDeletions.of(tenantId)).toEqual([]);
    expect(await store.erasureReceipts.newest()).toBeUndefined();
  });

  test('a copy of the file from before is made to lack nothing', async () => {
    if (!('file' in database.settings)) return;
    await served(tenantId);
    await store.scrub();
    const copy = { file: `${database.settings.file}.copy` };
    const before = openSettings(database.settings);
    await before.scrub();
    await before.close();
    copyFileSync(database.settings.file, copy.file);
    await ledger.issue(aContent(1, { claimHash: claimHash(tenantId) }));
    const restored = openSettings(copy);
    try {
      expect(await reapply(makeStore(restored))).toEqual({ receipts: 1, missing: 1, due: 1 });
      expect(await makeStore(restored).erasureReceipts.newest()).toMatchObject({ sequence: 1 });
    } finally {
      await restored.close();
    }
  });
});
