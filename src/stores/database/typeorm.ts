import type { IdempotentDatabase, SqlQuery } from '../../core/database/idempotent-database.js';
import { adapterError, hasMethods, tableOf, type DatabaseOptions } from './adapter-options.js';
import { rowsOf } from './rows.js';

/** What sends statements in TypeORM. */
interface Executor {
  query(sql: string, parameters: unknown[]): Promise<unknown>;
}

type Body<T> = (manager: Executor) => Promise<T>;

/** What is called of a `DataSource`. */
interface DataSource extends Executor {
  readonly options: { readonly type: unknown };
  transaction<T>(body: Body<T>): Promise<T>;
  transaction<T>(isolation: string, body: Body<T>): Promise<T>;
}

/** A `DataSource`, by what is read of its types. */
export interface TypeOrmLike {
  readonly manager: unknown;
}

/**
 * PostgreSQL through TypeORM: the body gets an `EntityManager`. Repositories that do not come from it
 * are not in the transaction.
 *
 * @param dataSource - a `DataSource`
 */
export function fromTypeOrm<TDataSource extends TypeOrmLike>(
  dataSource: TDataSource,
  options: DatabaseOptions = {},
): IdempotentDatabase<TDataSource['manager']> {
  const database = dataSource as unknown as DataSource;
  // A manager has no initialize.
  const fits = hasMethods(database, 'transaction', 'query', 'initialize');
  if (!fits || database.options.type !== 'postgres') {
    throw adapterError('fromTypeOrm', 'a DataSource of PostgreSQL, not an EntityManager');
  }
  return {
    name: 'typeorm',
    dialect: 'postgres',
    table: tableOf(options),
    run(body, { isolation }) {
      const act = async (manager: Executor) =>
        body({ transaction: manager, query: queryOf(manager) });
      return isolation === undefined
        ? database.transaction(act)
        : database.transaction(isolation, act);
    },
    query: queryOf(database),
  };
}

function queryOf(executor: Executor): SqlQuery {
  // For UPDATE and DELETE it gives the rows, and how many.
  return async (sql, parameters) => rowsOf(await executor.query(sql, [...parameters]));
}
