import type { IdempotentDatabase, SqlQuery } from '../../core/database/idempotent-database.js';
import { adapterError, hasMethods, tableOf, type DatabaseOptions } from './adapter-options.js';
import type { AnyFunction } from './adapter-types.js';
import { rowsOf } from './rows.js';

/** What is called of a `Sequelize`. */
interface Sequelize {
  getDialect(): string;
  query(
    sql: string,
    options: { readonly bind: unknown[]; readonly transaction?: unknown },
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

/**
 * PostgreSQL through Sequelize: the body gets a `Transaction`, which each call must be given, unless
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
  if (!fits || database.getDialect() !== 'postgres') {
    throw adapterError('fromSequelize', 'a Sequelize of PostgreSQL, not a Transaction');
  }
  return {
    name: 'sequelize',
    dialect: 'postgres',
    table: tableOf(options),
    run(body, { isolation }) {
      return database.transaction(
        isolation === undefined ? {} : { isolationLevel: isolation },
        async (transaction) =>
          body({
            transaction: transaction as SequelizeTransactionOf<TSequelize>,
            query: queryOf(database, transaction),
          }),
      );
    },
    query: queryOf(database),
  };
}

function queryOf(database: Sequelize, transaction?: unknown): SqlQuery {
  return async (sql, parameters) => {
    const within = transaction === undefined ? {} : { transaction };
    return rowsOf(await database.query(sql, { bind: [...parameters], ...within }));
  };
}
