import type {
  IdempotentDatabase,
  SqlQuery,
  SqlRow,
} from '../../../core/database/idempotent-database.js';
import { adapterError, hasMethods, type DatabaseOptions } from '../adapter-options.js';
import type { AnyFunction, GivenToBody } from '../adapter-types.js';
import { libraryDatabase } from '../libraries/library-database.js';

/** The part of `postgres` that sends statements. */
interface Executor {
  unsafe(sql: string, parameters: unknown[]): PromiseLike<readonly unknown[]>;
}

/** The methods that are called on the result of `postgres()`. */
interface Sql extends Executor {
  begin<T>(options: string, body: (transaction: Executor) => Promise<T>): Promise<T>;
}

/** The type of the result of `postgres()`, as far as it is read. */
export interface PostgresJsLike {
  readonly begin: AnyFunction;
}

/** The transaction that `sql.begin` gives its body. */
export type PostgresJsTransactionOf<TSql extends PostgresJsLike> = GivenToBody<
  Parameters<TSql['begin']>[1]
>;

/**
 * PostgreSQL through `postgres` (Postgres.js): the body gets the `sql` of the transaction.
 *
 * @param sql - what `postgres()` gave
 */
export function fromPostgresJs<TSql extends PostgresJsLike>(
  sql: TSql,
  options: DatabaseOptions = {},
): IdempotentDatabase<PostgresJsTransactionOf<TSql>> {
  // The sql of a transaction has no begin.
  if (!hasMethods(sql, 'begin', 'unsafe')) {
    throw adapterError('fromPostgresJs', 'what postgres() gave, not the sql of a transaction');
  }
  const database = sql as unknown as Sql;
  return libraryDatabase<Executor, PostgresJsTransactionOf<TSql>>({
    ...{ name: 'postgres', dialect: 'postgres', options, root: database, queryOf },
    async transact(body, isolation) {
      const level = isolation === undefined ? '' : `isolation level ${isolation}`;
      // In an object: what is an array is taken for queries.
      const { result } = await database.begin(level, async (transaction) => ({
        result: await body(transaction),
      }));
      return result;
    },
  });
}

function queryOf(executor: Executor): SqlQuery {
  return async (sql, parameters) => [...(await executor.unsafe(sql, [...parameters]))] as SqlRow[];
}
