import type {
  IdempotentDatabase,
  SqlDialect,
  SqlQuery,
} from '../../../core/database/idempotent-database.js';
import type { OptionNames } from '../../../core/values/unknown-options.js';
import {
  adapterError,
  alreadyOpen,
  DATABASE_OPTION_NAMES,
  type DatabaseOptions,
} from '../adapter-options.js';
import type { AnyFunction, GivenToBody } from '../adapter-types.js';
import { inSmallLetters, positional } from '../dialects.js';
import { libraryDatabase } from './library-database.js';
import { rowsOf } from '../rows.js';

/** The part of Drizzle that sends statements. */
interface Executor {
  execute(statement: unknown): PromiseLike<unknown>;
}

/** The methods that are called on a database of Drizzle. */
interface Database extends Executor {
  transaction<T>(
    body: (transaction: Executor) => Promise<T>,
    options: object | undefined,
  ): Promise<T>;
}

/** A database of Drizzle, by what is read of its types. */
export interface DrizzleLike {
  readonly transaction: AnyFunction;
}

/** The transaction that `db.transaction` gives its body. */
export type DrizzleTransactionOf<TDatabase extends DrizzleLike> = GivenToBody<
  Parameters<TDatabase['transaction']>[0]
>;

/** Options of {@link fromDrizzle}. */
export interface DrizzleOptions extends DatabaseOptions {
  /** The `sql` of `drizzle-orm`: statements with parameters cannot be made without it. */
  readonly sql: AnyFunction;
}

const OPTION_NAMES: OptionNames<DrizzleOptions> = Object.freeze({
  ...DATABASE_OPTION_NAMES,
  sql: true,
});

type Template = (strings: readonly string[], ...parameters: readonly unknown[]) => unknown;

/** The symbol by which Drizzle itself tells its classes apart, even across copies of it. */
const ENTITY_KIND = Symbol.for('drizzle:entityKind');
const DIALECTS: Readonly<Record<string, SqlDialect>> = {
  PgDatabase: 'postgres',
  MySqlDatabase: 'mysql',
};

/**
 * PostgreSQL, MySQL and MariaDB through Drizzle: the body gets the transaction of Drizzle.
 *
 * @param db - what `drizzle()` gave
 * @param options - `sql` of `drizzle-orm` is one of them
 */
export function fromDrizzle<TDatabase extends DrizzleLike>(
  db: TDatabase,
  options: DrizzleOptions,
): IdempotentDatabase<DrizzleTransactionOf<TDatabase>> {
  const kinds = kindsOf(db);
  if (kinds.some((kind) => kind.endsWith('Transaction'))) throw alreadyOpen('fromDrizzle');
  const [dialect] = kinds.flatMap((kind) => DIALECTS[kind] ?? []);
  const { sql } = (options as Partial<DrizzleOptions> | undefined) ?? {};
  if (dialect === undefined || typeof sql !== 'function') {
    throw adapterError(
      'fromDrizzle',
      'what drizzle() gave for PostgreSQL or MySQL, and { sql } of drizzle-orm',
    );
  }
  const database = db as unknown as Database;
  const template = sql as unknown as Template;
  return libraryDatabase<Executor, DrizzleTransactionOf<TDatabase>>({
    ...{ name: 'drizzle', dialect, options, optionNames: OPTION_NAMES, root: database },
    queryOf: (executor) => queryOf(executor, dialect, template),
    transact: (body, isolation) =>
      database.transaction(
        body,
        isolation === undefined ? undefined : { isolationLevel: inSmallLetters(isolation) },
      ),
  });
}

/** The classes of a value as Drizzle names them, its own first. */
function kindsOf(value: unknown): string[] {
  const kinds: string[] = [];
  let prototype: unknown = typeof value === 'object' ? value : null;
  while ((prototype = prototype === null ? null : Object.getPrototypeOf(prototype)) !== null) {
    const { constructor } = prototype as { readonly constructor?: unknown };
    const kind = (constructor as Readonly<Record<symbol, unknown>> | undefined)?.[ENTITY_KIND];
    if (typeof kind === 'string') kinds.push(kind);
  }
  return kinds;
}

function queryOf(executor: Executor, dialect: SqlDialect, sql: Template): SqlQuery {
  return async (text, given) => {
    const statement = positional(dialect, text, given);
    return rowsOf(await executor.execute(sql(statement.sql.split('?'), ...statement.parameters)));
  };
}
