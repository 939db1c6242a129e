import type {
  IdempotentDatabase,
  IsolationLevel,
  SqlQuery,
} from '../../../core/database/idempotent-database.js';
import { adapterError, hasMethod, tableOf, type DatabaseOptions } from '../adapter-options.js';
import { rowsOf } from '../rows.js';

/** The methods that are called on connections of `mysql2`. */
export interface Mysql2ConnectionLike {
  query(options: object): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  release(): void;
  destroy(): void;
}

/** The methods that are called on pools of `mysql2/promise`. */
export interface Mysql2PoolLike<TConnection> {
  getConnection(): Promise<TConnection>;
  query(options: object): Promise<unknown>;
}

/**
 * MySQL and MariaDB through `mysql2`: the body gets a `PoolConnection`.
 *
 * @param pool - a pool of `mysql2/promise`
 */
export function fromMysql2<TConnection extends Mysql2ConnectionLike>(
  pool: Mysql2PoolLike<TConnection>,
  options: DatabaseOptions = {},
): IdempotentDatabase<TConnection> {
  // A pool with callbacks has promise(), and a connection no getConnection().
  if (
    !hasMethod(pool, 'getConnection') ||
    !hasMethod(pool, 'query') ||
    hasMethod(pool, 'promise')
  ) {
    throw adapterError('fromMysql2', 'a pool of mysql2/promise, such as pool.promise()');
  }
  return {
    name: 'mysql2',
    dialect: 'mysql',
    table: tableOf('fromMysql2', options),
    async run(body, { isolation }) {
      const connection = await pool.getConnection();
      const transaction = new Mysql2Transaction(connection);
      try {
        await transaction.begin(isolation);
        const result = await body({ transaction: connection, query: queryOf(connection) });
        await transaction.commit();
        return result;
      } finally {
        await transaction.end();
      }
    },
    query: queryOf(pool),
  };
}

class Mysql2Transaction {
  readonly #connection: Mysql2ConnectionLike;
  readonly #query: SqlQuery;
  #open = false;
  #broken = false;

  constructor(connection: Mysql2ConnectionLike) {
    this.#connection = connection;
    this.#query = queryOf(connection);
    // A connection that is lost between two statements would end the process otherwise.
    connection.on('error', this.#onError);
  }

  async begin(isolation: IsolationLevel | undefined): Promise<void> {
    this.#open = true;
    // For the next transaction only.
    if (isolation !== undefined)
      await this.#query(`SET TRANSACTION ISOLATION LEVEL ${isolation}`, []);
    await this.#query('START TRANSACTION', []);
  }

  async commit(): Promise<void> {
    await this.#query('COMMIT', []);
    this.#open = false;
  }

  /** Leaves the connection as it was, or throws it away. */
  async end(): Promise<void> {
    if (this.#open) {
      try {
        await this.#query('ROLLBACK', []);
      } catch {
        this.#broken = true;
      }
    }
    this.#connection.off('error', this.#onError);
    if (this.#broken) this.#connection.destroy();
    else this.#connection.release();
  }

  readonly #onError = (): void => {
    this.#broken = true;
  };
}

function queryOf(executor: Pick<Mysql2ConnectionLike, 'query'>): SqlQuery {
  return async (sql, parameters) =>
    // The pool's own settings may change what rows look like.
    rowsOf(
      await executor.query({
        ...{ sql, values: [...parameters] },
        ...{ rowsAsArray: false, nestTables: false, typeCast: true },
      }),
    );
}
