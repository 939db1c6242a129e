import type {
  IdempotentDatabase,
  SqlDialect,
  SqlQuery,
} from '../../../core/database/idempotent-database.js';
import { adapterError, hasMethods, type DatabaseOptions } from '../adapter-options.js';
import type { AnyFunction } from '../adapter-types.js';
import { numbered } from '../dialects.js';
import { libraryDatabase } from './library-database.js';
import { rowsOf } from '../rows.js';

/** The methods that are called on a `Sequelize`. */
interface Sequelize {
  getDialect(): string;
  query(
    sql: string,
    options: { readonly bind: unknown[]; readonly transaction: unknown },
  ): Promise<unknown>;
  transaction<T>(
    options: { readonly isolationLevel?: string },
    body: (transaction: unknown) => Promise<T>,
  ): Promise<T>;
}

/** A `Sequelize`, by what is read of its types. */
export interface SequelizeLike {
  readonly transaction: AnyFunction;
}

/** The transaction that `sequelize.transaction()` gives. */
export type SequelizeTransactionOf<TSequelize extends SequelizeLike> = Awaited<
  ReturnType<TSequelize['transaction']>
>;

const DIALECTS = new Map<string, SqlDialect>([
  ['postgres', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
]);

/**
 * PostgreSQL, MySQL and MariaDB through Sequelize: the body gets a `Transaction`, which each call must be given, unless
 * Sequelize uses CLS.
 *
 * @param sequelize - a `Sequelize`
 */
export function fromSequelize<TSequelize extends SequelizeLike>(
  sequelize: TSequelize,
  options: DatabaseOptions = {},
): IdempotentDatabase<SequelizeTransactionOf<TSequelize>> {
  const database = sequelize as unknown as Sequelize;
  const fits = hasMethods(database, 'transaction', 'query', 'getDialect');
  const dialect = fits ? DIALECTS.get(database.getDialect()) : undefined;
  if (dialect === undefined) {
    throw adapterError('fromSequelize', 'a Sequelize of PostgreSQL or MySQL, not a Transaction');
  }
  return libraryDatabase<unknown, SequelizeTransactionOf<TSequelize>>({
    // With CLS, `undefined` would be the transaction that the caller happens to be in.
    ...{ name: 'sequelize', dialect, options, root: null },
    queryOf: (transaction) => queryOf(database, transaction),
    transact: (body, isolation) =>
      database.transaction(isolation === undefined ? {} : { isolationLevel: isolation }, body),
  });
}

function queryOf(database: Sequelize, transaction: unknown): SqlQuery {
  return async (sql, parameters) => {
    const options = { bind: [...parameters], transaction };
    return rowsOf(await database.query(numbered(sql), options));
  };
}
