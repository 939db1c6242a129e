import type {
  IdempotentDatabase,
  SqlDialect,
  SqlQuery,
} from '../../../core/database/idempotent-database.js';
import { adapterError, alreadyOpen, hasMethods, type DatabaseOptions } from '../adapter-options.js';
import type { AnyFunction, GivenToBody } from '../adapter-types.js';
import { inSmallLetters, positional } from '../dialects.js';
import { libraryDatabase } from './library-database.js';
import { rowsOf } from '../rows.js';

/** The part of Knex that sends statements. */
interface Executor {
  raw(sql: string, bindings: unknown[]): PromiseLike<unknown>;
}

/** The methods that are called on a `Knex`. */
interface Knex extends Executor {
  readonly client: { readonly dialect?: unknown };
  readonly isTransaction?: boolean;
  transaction<T>(body: (transaction: Executor) => Promise<T>, options: object): Promise<T>;
}

/** A `Knex`, by what is read of its types. */
export interface KnexLike {
  readonly transaction: AnyFunction;
}

/** The transaction that `knex.transaction` gives its body. */
export type KnexTransactionOf<TKnex extends KnexLike> = GivenToBody<
  Parameters<TKnex['transaction']>[0]
>;

/** By the names that Knex has for what its clients speak. */
const DIALECTS = new Map<unknown, SqlDialect>([
  ['postgresql', 'postgres'],
  ['mysql', 'mysql'],
]);

/**
 * PostgreSQL, MySQL and MariaDB through Knex: the body gets a `Knex.Transaction`.
 *
 * @param knex - what `knex()` gave
 */
export function fromKnex<TKnex extends KnexLike>(
  knex: TKnex,
  options: DatabaseOptions = {},
): IdempotentDatabase<KnexTransactionOf<TKnex>> {
  const takes = 'a Knex of PostgreSQL or MySQL';
  if (!hasMethods(knex, 'transaction', 'raw')) throw adapterError('fromKnex', takes);
  const database = knex as unknown as Knex;
  if (database.isTransaction === true) throw alreadyOpen('fromKnex');
  const dialect = DIALECTS.get(database.client.dialect);
  if (dialect === undefined) throw adapterError('fromKnex', takes);
  return libraryDatabase<Executor, KnexTransactionOf<TKnex>>({
    ...{ name: 'knex', dialect, options, root: database },
    queryOf: (executor) => queryOf(executor, dialect),
    transact: (body, isolation) =>
      database.transaction(
        body,
        isolation === undefined ? {} : { isolationLevel: inSmallLetters(isolation) },
      ),
  });
}

function queryOf(executor: Executor, dialect: SqlDialect): SqlQuery {
  return async (sql, given) => {
    const statement = positional(dialect, sql, given);
    return rowsOf(await executor.raw(statement.sql, statement.parameters));
  };
}
