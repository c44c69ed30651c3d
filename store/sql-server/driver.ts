/**
 * Kysely's driver on the package `mssql`: its pool, its transactions. The pool never resets a connection, so nothing here
 * leaves state in a session.
 */
import type {
  CompiledQuery,
  DatabaseConnection,
  Driver,
  IsolationLevel,
  QueryResult,
  TransactionSettings,
} from 'kysely';
import sql from 'mssql';
import { parameterType } from './parameters.ts';

/** How a server is reached: `config` is mssql's own. */
export class SqlServerDriver implements Driver {
  readonly #config: sql.config;
  #pool: sql.ConnectionPool | undefined;

  constructor(config: sql.config) {
    this.#config = config;
  }

  async init(): Promise<void> {
    // Connected at the first use, and again at the next when that failed: a database that sleeps must not stop the app.
  }

  async acquireConnection(): Promise<PooledConnection> {
    this.#pool ??= new sql.ConnectionPool({ ...this.#config, beforeConnect: numberLoginErrors });
    const pool = this.#pool;
    // An error that no query meets (a connection lost while idle) only means that the pool opens another one.
    if (pool.listenerCount('error') === 0) pool.on('error', () => undefined);
    await pool.connect();
    return new PooledConnection(pool, () => this.#giveUp(pool));
  }

  async beginTransaction(connection: PooledConnection, settings: TransactionSettings): Promise<void> {
    await connection.begin(settings.isolationLevel);
  }

  async commitTransaction(connection: PooledConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: PooledConnection): Promise<void> {
    await connection.rollback();
  }

  async releaseConnection(): Promise<void> {
    // A request gives its connection back by itself, a transaction at its end.
  }

  async destroy(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.close();
  }

  /** mssql lends a connection again whatever its transaction came to; what uses the pool now may end, nobody else begins. */
  #giveUp(pool: sql.ConnectionPool): void {
    if (this.#pool === pool) this.#pool = undefined;
    pool.close().catch(() => undefined);
  }
}

interface TdsConnection {
  on(event: 'errorMessage', listener: (message: { number: number }) => void): unknown;
  on(event: 'connect', listener: (error?: Error) => void): unknown;
}

/** tedious says in words alone why it was not let in; the server's number, which comes just before, is added to its error. */
function numberLoginErrors(connection: TdsConnection): void {
  let first: number | undefined;
  connection.on('errorMessage', ({ number }) => {
    first ??= number;
  });
  connection.on('connect', (error) => {
    if (error !== undefined) Object.assign(error, { number: first });
  });
}

const isolationLevels: Partial<Record<IsolationLevel, sql.IIsolationLevel>> = {
  serializable: sql.ISOLATION_LEVEL.SERIALIZABLE,
};

/** The pool itself, or within a transaction the one connection that it runs on. */
class PooledConnection implements DatabaseConnection {
  readonly #pool: sql.ConnectionPool;
  /** Called when a connection is left in a state that nobody knows. */
  readonly #giveUp: () => void;
  #transaction: sql.Transaction | undefined;
  /** The server has rolled back by itself, as it does with the victim of a deadlock. */
  #aborted = false;

  constructor(pool: sql.ConnectionPool, giveUp: () => void) {
    this.#pool = pool;
    this.#giveUp = giveUp;
  }

  async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const request = this.#transaction?.request() ?? this.#pool.request();
    for (const [index, value] of parameters.entries()) {
      request.input(String(index + 1), parameterType(value), value);
    }
    const { recordset, rowsAffected } = await request.query<R>(text);
    const affected = rowsAffected.reduce((sum, each) => sum + each, 0);
    return { rows: recordset ?? [], numAffectedRows: BigInt(affected) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Nothing is streamed from SQL Server.');
  }

  async begin(isolationLevel: IsolationLevel | undefined): Promise<void> {
    const transaction = this.#pool.transaction();
    transaction.on('rollback', (aborted: boolean) => {
      this.#aborted = aborted;
    });
    await transaction.begin(isolationLevel && isolationLevels[isolationLevel]);
    this.#transaction = transaction;
  }

  /** Rejects when it is not known whether the transaction holds. */
  async commit(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    try {
      await transaction?.commit();
    } catch (error) {
      this.#giveUp();
      throw error;
    }
  }

  /** Never rejects, so that the error which led here is the one that is told: an abandoned transaction rolls back, too. */
  async rollback(): Promise<void> {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    if (transaction === undefined || this.#aborted) return;
    await transaction.rollback().catch(() => this.#giveUp());
  }
}
