import type {
  IdempotentDatabase,
  SqlQuery,
  SqlRow,
} from '../../core/database/idempotent-database.js';
import { adapterError, hasMethods, tableOf, type DatabaseOptions } from './adapter-options.js';
import type { AnyFunction, GivenToBody } from './adapter-types.js';

/** What sends statements in `postgres`. */
interface Executor {
  unsafe(sql: string, parameters: unknown[]): PromiseLike<readonly unknown[]>;
}

/** What is called of what `postgres()` gives. */
interface Sql extends Executor {
  begin<T>(options: string, body: (transaction: Executor) => Promise<T>): Promise<T>;
}

/** What `postgres()` gives, by what is read of its types. */
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
  return {
    name: 'postgres',
    dialect: 'postgres',
    table: tableOf(options),
    async run(body, { isolation }) {
      const level = isolation === undefined ? '' : `isolation level ${isolation}`;
      const { result } = await database.begin(level, async (transaction) => ({
        // In an object: what is an array is taken for queries.
        result: await body({
          transaction: transaction as PostgresJsTransactionOf<TSql>,
          query: queryOf(transaction),
        }),
      }));
      return result;
    },
    query: queryOf(database),
  };
}

function queryOf(executor: Executor): SqlQuery {
  return async (sql, parameters) => [...(await executor.unsafe(sql, [...parameters]))] as SqlRow[];
}
