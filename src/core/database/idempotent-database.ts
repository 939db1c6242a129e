import type { Awaitable } from '../async/awaitable.js';

/** The SQL that a database speaks; MariaDB counts as `mysql`. */
export type SqlDialect = 'postgres' | 'mysql' | 'sqlite';

/** A parameter of a statement. Bytes are always a `Buffer`. */
export type SqlParameter = string | Buffer;

/** A row, by the names of its columns. */
export type SqlRow = Readonly<Record<string, unknown>>;

/**
 * Sends one statement. Placeholders are `$1`, `$2`, … on PostgreSQL and `?` elsewhere, and literals
 * hold neither.
 *
 * @returns the rows; none for a statement that has none
 */
export type SqlQuery = (
  sql: string,
  parameters: readonly SqlParameter[],
) => Awaitable<readonly SqlRow[]>;

/** The isolation of concurrent transactions. */
export type IsolationLevel = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

/** Options for opening a transaction. */
export interface RunOptions {
  /** Unset: the database's default. SQLite has only `SERIALIZABLE`. */
  readonly isolation: IsolationLevel | undefined;
  /**
   * The longest duration of the transaction, in milliseconds, for libraries that end it after a time.
   */
  readonly timeoutMs: number;
  /** The longest wait of the body for its connection, in milliseconds, for libraries that take it. */
  readonly waitMs: number;
  /**
   * True if the body uses `query` before it uses `transaction`: its first statement may then be sent
   * together with the one that begins the transaction.
   *
   * @defaultValue false
   */
  readonly startsWithQuery?: boolean;
}

/** A transaction that has begun. */
export interface OpenTransaction<TTransaction> {
  /** The library's own object for it, which the body gets. */
  readonly transaction: TTransaction;
  /** Sends a statement within it. */
  readonly query: SqlQuery;
  /**
   * Has a statement sent together with the commit, in one message, as the last of the transaction. It
   * fails if it does not do what it is for, and then there must be no commit.
   */
  readonly commitWith?: (sql: string, parameters: readonly SqlParameter[]) => void;
  /**
   * Sends what the library has kept back until now. It is called when the body has returned and before
   * its outcome is stored, so that its errors are not taken for those of a commit.
   */
  readonly flush?: () => Awaitable<void>;
}

/**
 * A database in which outcomes can be committed together with effects. The functions of
 * `graphql-idempotency/database` make one of a library's connection pool; your own needs these
 * members.
 */
export interface IdempotentDatabase<TTransaction> {
  /** The library, for messages: `pg`. */
  readonly name: string;
  /** Decides which SQL is sent. */
  readonly dialect: SqlDialect;
  /** The table of outcomes, with its schema if it is not in the search path. */
  readonly table: string;
  /**
   * Opens a transaction on one connection, runs `body` in it, and commits. If `body` throws, it rolls
   * back and throws the same error. A transaction that is open already must be refused.
   *
   * Runs `body` once: what is to be run again is decided by the caller.
   *
   * @returns what `body` returned, at once if the library and `body` answer at once
   */
  run<T>(
    body: (open: OpenTransaction<TTransaction>) => Awaitable<T>,
    options: RunOptions,
  ): Awaitable<T>;
  /** Sends a statement outside of any transaction, also of one that its caller has open. */
  readonly query: SqlQuery;
}
