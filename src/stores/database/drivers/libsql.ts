import type { IdempotentDatabase, SqlQuery } from '../../../core/database/idempotent-database.js';
import { adapterError, hasMethod, tableOf, type DatabaseOptions } from '../adapter-options.js';
import { sqliteDatabase, type SqliteLike } from './sqlite.js';

/** The part of `@libsql/client` that sends statements. */
export interface LibsqlExecutorLike {
  execute(statement: {
    readonly sql: string;
    readonly args: (string | Uint8Array)[];
  }): Promise<{ readonly rows: readonly object[] }>;
}

/** The methods that are called on a transaction of `@libsql/client`. */
export interface LibsqlTransactionLike extends LibsqlExecutorLike {
  commit(): Promise<void>;
  close(): void;
}

/** The methods that are called on a client of `@libsql/client`. */
export interface LibsqlClientLike<TTransaction> extends LibsqlExecutorLike {
  transaction(mode: 'write'): Promise<TTransaction>;
}

/**
 * SQLite through `libsql`: the body gets the `Database`, and must not be async.
 *
 * @param database - an open `Database` of `libsql`
 */
export function fromLibsql<TDatabase extends SqliteLike>(
  database: TDatabase,
  options?: DatabaseOptions,
): IdempotentDatabase<TDatabase>;
/**
 * libSQL and Turso through `@libsql/client`: the body gets a `Transaction`.
 *
 * @param client - what `createClient` gave
 */
export function fromLibsql<TTransaction extends LibsqlTransactionLike>(
  client: LibsqlClientLike<TTransaction>,
  options?: DatabaseOptions,
): IdempotentDatabase<TTransaction>;
export function fromLibsql(
  given: SqliteLike | LibsqlClientLike<LibsqlTransactionLike>,
  options: DatabaseOptions = {},
): IdempotentDatabase<unknown> {
  if (isDatabase(given)) return sqliteDatabase('libsql', 'fromLibsql', given, options);
  if (!hasMethod(given, 'execute') || !hasMethod(given, 'transaction')) {
    throw adapterError('fromLibsql', 'a Database of libsql, or a client of @libsql/client');
  }
  return {
    name: '@libsql/client',
    dialect: 'sqlite',
    table: tableOf('fromLibsql', options),
    async run(body) {
      const transaction = await given.transaction('write');
      try {
        const result = await body({ transaction, query: queryOf(transaction) });
        await transaction.commit();
        return result;
      } finally {
        // Rolls back what is not committed.
        transaction.close();
      }
    },
    query: queryOf(given),
  };
}

function isDatabase(given: unknown): given is SqliteLike {
  return hasMethod(given, 'prepare') && hasMethod(given, 'exec');
}

function queryOf(executor: LibsqlExecutorLike): SqlQuery {
  return async (sql, args) => {
    const { rows } = await executor.execute({ sql, args: [...args] });
    return rows.map((row) => ({ ...row }));
  };
}
