/** A SQL Server that is not there, does not answer, or does not let us in: typed errors within bounded time. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { config as MssqlConfig } from 'mssql';
import { openDatabase, type Database } from '../../store/database.ts';
import { assertUpToDate, migrate } from '../../store/migrate.ts';
import { sqlServerConfig, type SqlServerSettings } from '../../store/sql-server/config.ts';
import { SqlServerDialect } from '../../store/sql-server/dialect.ts';
import { makeStore, openStore } from '../../store/store.ts';
import { storeTrouble } from '../../store/trouble.ts';
import { closedPort, refusingServer, type RefusingServer } from './refusing-server.ts';
import { aUser, now, tenantId } from './samples.ts';

const settings: SqlServerSettings = {
  server: '127.0.0.1',
  port: 1433,
  database: 'hub',
  login: { user: 'hub', password: 'a secret of ours' },
  encrypt: false,
  trustServerCertificate: false,
};
/** Long enough for a busy machine, short enough for a test. */
const connectionTimeout = 400;
/** All attempts together: those of the store, each with those of the driver. */
const bound = 30_000;

let server: RefusingServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

function databaseAt(port: number, given: Partial<MssqlConfig> = {}): Database {
  const config = sqlServerConfig({ ...settings, port });
  const options = { ...config.options, maxRetriesOnTransientErrors: 0 };
  return openDatabase(new SqlServerDialect({ ...config, connectionTimeout, options, ...given }));
}

/** How a single query fails, without a second attempt. */
async function troubleAt(database: Database): Promise<unknown> {
  return database.common
    .selectFrom('tenants')
    .select('tenant_id')
    .execute()
    .then(() => 'no trouble', storeTrouble);
}

describe('a server', () => {
  test('that is not there makes every use fail in good time', async () => {
    const database = databaseAt(await closedPort());
    const store = makeStore(database);
    const start = performance.now();
    const uses = [
      store.tenants.ids(),
      store.users.upsert(tenantId, [aUser('ada')], now),
      store.leases.acquire(tenantId, 'microsoft', 'worker', { now, seconds: 60 }),
      store.erasureReceipts.newest(),
      migrate(database),
      assertUpToDate(database),
    ];
    for (const result of await Promise.allSettled(uses)) {
      expect(result).toMatchObject({ reason: { failure: 'unavailable', code: 'ESOCKET' } });
    }
    expect(performance.now() - start).toBeLessThan(bound);
    await store.close();
  });

  test('that is not there when the app starts is told as such', async () => {
    const opening = openStore({ ...settings, port: await closedPort() });
    await expect(opening).rejects.toMatchObject({ failure: 'unavailable', code: 'ESOCKET' });
  });

  test('that takes the call and never says a word makes every use fail in good time', async () => {
    server = await refusingServer();
    const store = makeStore(databaseAt(server.port));
    const start = performance.now();
    await expect(store.tenants.ids()).rejects.toMatchObject({ failure: 'unavailable', code: 'ETIMEOUT' });
    expect(performance.now() - start).toBeLessThan(bound);
    await store.close();
  });

  test.each([
    ['whose database is waking', 'unavailable', 40613],
    ['that does not know us', 'forbidden', 18456],
    ['that lets nobody in from here', 'forbidden', 40615],
  ])('%s is %s', async (_what, failure, number) => {
    server = await refusingServer(number);
    const database = databaseAt(server.port);
    const trouble = await troubleAt(database);
    expect(trouble).toMatchObject({ name: 'StoreError', failure, code: `SQL${number}` });
    expect(String(trouble)).not.toContain('ada@example.com');
    await database.close();
  });

  test('that cannot encrypt is not told our password', async () => {
    server = await refusingServer(18456);
    const database = databaseAt(server.port, {
      options: sqlServerConfig({ ...settings, encrypt: true }).options ?? {},
    });
    expect(await troubleAt(database)).toMatchObject({ failure: 'unavailable', code: 'EENCRYPT' });
    const preLogin = 0x12;
    expect(server.received).toEqual([preLogin]);
    await database.close();
  });

  test('that comes back is used again', async () => {
    const port = await closedPort();
    const database = databaseAt(port);
    expect(await troubleAt(database)).toMatchObject({ code: 'ESOCKET' });
    server = await refusingServer(18456, port);
    expect(await troubleAt(database)).toMatchObject({ code: 'SQL18456' });
    await database.close();
  });
});

describe('the way to a server', () => {
  test('is encrypted, with the certificate checked, and has an end', () => {
    const config = sqlServerConfig({ ...settings, encrypt: true });
    expect(config.options).toMatchObject({ encrypt: true, trustServerCertificate: false });
    expect(config.connectionTimeout).toBeLessThanOrEqual(60_000);
    expect(config.requestTimeout).toBeLessThanOrEqual(60_000);
    expect(config.authentication).toEqual({
      type: 'default',
      options: { userName: 'hub', password: 'a secret of ours' },
    });
  });

  test('is opened with the managed identity’s token where there is no password', () => {
    const { authentication } = sqlServerConfig({ ...settings, login: 'managedIdentity' });
    expect(authentication?.type).toBe('token-credential');
    expect(authentication?.options).toMatchObject({ credential: { getToken: expect.any(Function) } });
  });
});
