import type {
  IdempotentDatabase,
  SqlDialect,
  SqlQuery,
} from '../../../core/database/idempotent-database.js';
import { adapterError, hasMethods, type DatabaseOptions } from '../adapter-options.js';
import { libraryDatabase } from './library-database.js';
import { rowsOf } from '../rows.js';

/** The part of TypeORM that sends statements. */
interface Executor {
  query(sql: string, parameters: unknown[]): Promise<unknown>;
}

type Body<T> = (manager: Executor) => Promise<T>;

/** The methods that are called on a `DataSource`. */
interface DataSource extends Executor {
  readonly options: { readonly type: unknown };
  transaction<T>(body: Body<T>): Promise<T>;
  transaction<T>(isolation: string, body: Body<T>): Promise<T>;
}

/** A `DataSource`, by what is read of its types. */
export interface TypeOrmLike {
  readonly manager: unknown;
}

const DIALECTS = new Map<unknown, SqlDialect>([
  ['postgres', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
]);

/**
 * PostgreSQL, MySQL and MariaDB through TypeORM: the body gets an `EntityManager`. Repositories that do not come from it
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
  const dialect = fits ? DIALECTS.get(database.options.type) : undefined;
  if (dialect === undefined) {
    throw adapterError('fromTypeOrm', 'a DataSource of PostgreSQL or MySQL, not an EntityManager');
  }
  return libraryDatabase<Executor, TDataSource['manager']>({
    ...{ name: 'typeorm', dialect, options, root: database, queryOf },
    transact: (body, isolation) =>
      isolation === undefined ? database.transaction(body) : database.transaction(isolation, body),
  });
}

function queryOf(executor: Executor): SqlQuery {
  // For UPDATE and DELETE it gives the rows, and how many.
  return async (sql, parameters) => rowsOf(await executor.query(sql, [...parameters]));
}
