import type {
  IdempotentDatabase,
  IsolationLevel,
  RunOptions,
  SqlDialect,
  SqlQuery,
} from '../../../core/database/idempotent-database.js';
import { tableOf, type DatabaseOptions } from '../adapter-options.js';

/** A library whose transactions are a function that gets a body, and commits when that has ended. */
export interface Library<TExecutor> {
  /** The library, for messages. */
  readonly name: string;
  readonly dialect: SqlDialect;
  readonly options: DatabaseOptions;
  /** The names of all options. @defaultValue those of every adapter */
  readonly optionNames?: Readonly<Record<string, true>>;
  /** The executor of statements outside transactions. */
  readonly root: TExecutor;
  /** Sends statements through an executor. */
  readonly queryOf: (executor: TExecutor) => SqlQuery;
  /** Sends what the executor of a transaction has kept back, for libraries that keep back. */
  readonly flush?: (transaction: TExecutor) => Promise<void>;
  /** Opens a transaction, awaits `body`, and commits, or rolls back what it throws from. */
  readonly transact: <T>(
    body: (transaction: TExecutor) => Promise<T>,
    isolation: IsolationLevel | undefined,
    options: RunOptions,
  ) => PromiseLike<T>;
}

/**
 * The database of such a library.
 *
 * @typeParam TTransaction - what the body gets: what the library calls its executor of a transaction
 */
export function libraryDatabase<TExecutor, TTransaction>(
  library: Library<TExecutor>,
): IdempotentDatabase<TTransaction> {
  const { name, dialect, options, optionNames, root, queryOf, flush, transact } = library;
  return {
    ...{ name, dialect, table: tableOf(name, options, optionNames) },
    async run(body, runOptions) {
      return transact(
        async (executor) =>
          body({
            // The user's types say what it is; of them the adapter knows what it calls.
            transaction: executor as unknown as TTransaction,
            query: queryOf(executor),
            ...(flush !== undefined && { flush: () => flush(executor) }),
          }),
        runOptions.isolation,
        runOptions,
      );
    },
    query: queryOf(root),
  };
}
