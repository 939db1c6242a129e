import type {
  IdempotentDatabase,
  SqlDialect,
  SqlQuery,
  SqlRow,
} from '../../../core/database/idempotent-database.js';
import { adapterError, alreadyOpen, hasMethods, type DatabaseOptions } from '../adapter-options.js';
import type { AnyFunction, GivenToBody } from '../adapter-types.js';
import { inSmallLetters } from '../dialects.js';
import { libraryDatabase } from './library-database.js';

/** The part of Kysely that sends statements. */
interface Executor {
  executeQuery(query: object): Promise<{ readonly rows: readonly unknown[] }>;
}

interface TransactionBuilder {
  setIsolationLevel(level: string): TransactionBuilder;
  execute<T>(body: (transaction: Executor) => Promise<T>): Promise<T>;
}

/** The methods that are called on a `Kysely`. */
interface Kysely extends Executor {
  readonly isTransaction: boolean;
  transaction(): TransactionBuilder;
  getExecutor(): { readonly adapter: Adapter };
}

/** The properties of a dialect that are read. */
interface Adapter {
  readonly supportsReturning?: boolean;
  readonly supportsTransactionalDdl?: boolean;
  readonly supportsOutput?: boolean;
}

/** A `Kysely`, by what is read of its types. */
export interface KyselyLike {
  readonly transaction: () => { readonly execute: AnyFunction };
}

/** The transaction that `db.transaction().execute` gives its body. */
export type KyselyTransactionOf<TKysely extends KyselyLike> = GivenToBody<
  Parameters<ReturnType<TKysely['transaction']>['execute']>[0]
>;

/**
 * PostgreSQL, MySQL and MariaDB through Kysely: the body gets a `Transaction`.
 *
 * @param db - a `Kysely`
 */
export function fromKysely<TKysely extends KyselyLike>(
  db: TKysely,
  options: DatabaseOptions = {},
): IdempotentDatabase<KyselyTransactionOf<TKysely>> {
  const takes = 'a Kysely of PostgreSQL or MySQL';
  if (!hasMethods(db, 'transaction', 'executeQuery', 'getExecutor')) {
    throw adapterError('fromKysely', takes);
  }
  const database = db as unknown as Kysely;
  if (database.isTransaction) throw alreadyOpen('fromKysely');
  const dialect = dialectOf(database.getExecutor().adapter);
  if (dialect === undefined) throw adapterError('fromKysely', takes);
  return libraryDatabase<Executor, KyselyTransactionOf<TKysely>>({
    ...{ name: 'kysely', dialect, options, root: database, queryOf },
    transact(body, isolation) {
      const builder = database.transaction();
      const begun =
        isolation === undefined ? builder : builder.setIsolationLevel(inSmallLetters(isolation));
      return begun.execute(body);
    },
  });
}

/** Other packages' dialects do not extend the classes of Kysely's own, but can do the same. */
function dialectOf(adapter: Adapter): SqlDialect | undefined {
  const { supportsReturning = false, supportsTransactionalDdl = false, supportsOutput } = adapter;
  // SQLite has the first only, SQL Server the other two.
  if (supportsReturning !== supportsTransactionalDdl || supportsOutput === true) return undefined;
  return supportsReturning ? 'postgres' : 'mysql';
}

function queryOf(executor: Executor): SqlQuery {
  return async (sql, parameters) => {
    const { rows } = await executor.executeQuery({
      sql,
      parameters,
      // What CompiledQuery.raw makes.
      query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
      queryId: { queryId: 'graphql-idempotency' },
    });
    return rows as readonly SqlRow[];
  };
}
