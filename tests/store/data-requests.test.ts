/** What people have asked for about their data. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataRequest } from '../../store/data-requests.ts';
import { makeStore, type Store } from '../../store/store.ts';
import { aDatabase, type TestDatabase } from './engine.ts';
import { minutesLater, otherId, tenantId } from './samples.ts';

let database: TestDatabase;
let store: Store;

beforeEach(async () => {
  database = await aDatabase();
  store = makeStore(database.open());
});

afterEach(() => database.remove());

const aRequest = (number: number, given: Partial<DataRequest> = {}): DataRequest => ({
  requestId: `7d1f6a8e-4d5f-4c8a-9a52-${String(number).padStart(12, '0')}`,
  kind: 'copy',
  userId: 'ada',
  status: 'open',
  requestedAt: minutesLater(number),
  dueAt: minutesLater(number + 60),
  finishedAt: null,
  ...given,
});

describe('data requests', () => {
  test('are told from the oldest to the newest', async () => {
    const requests = [aRequest(1), aRequest(2, { userId: null, kind: 'deletion' }), aRequest(3)];
    for (const request of requests.toReversed()) await store.dataRequests.save(tenantId, request);
    expect(await store.dataRequests.all(tenantId)).toEqual(requests);
    expect(await store.dataRequests.all(otherId)).toEqual([]);
  });

  test('are changed as they are seen to', async () => {
    await store.dataRequests.save(tenantId, aRequest(1));
    const done = aRequest(1, { status: 'done', finishedAt: minutesLater(30) });
    await store.dataRequests.save(tenantId, done);
    expect(await store.dataRequests.find(tenantId, done.requestId)).toEqual(done);
    expect(await store.dataRequests.all(tenantId)).toEqual([done]);
  });

  test('of another customer are not to be found', async () => {
    await store.dataRequests.save(tenantId, aRequest(1));
    expect(await store.dataRequests.find(otherId, aRequest(1).requestId)).toBeUndefined();
    expect(await store.dataRequests.find(tenantId, aRequest(2).requestId)).toBeUndefined();
  });
});
