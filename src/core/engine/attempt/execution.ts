import type { IdempotentDatabase } from '../../database/idempotent-database.js';
import type { TransactionOptions, TransactionTry } from '../../database/transaction-options.js';

/** Options of a step. */
export interface StepOptions {
  /**
   * If true, the step never runs a second time. It is marked in the store before it runs, which takes
   * one more round trip. An attempt that finds the mark but no value fails: the outcome is
   * unknown.
   *
   * @defaultValue false
   */
  readonly atMostOnce?: boolean;
}

/** The idempotent execution that a resolver runs in. */
export interface Execution {
  /** The client's key. Give providers {@link Execution.downstreamKey} instead. */
  readonly key: string;
  /** The schema coordinate, as in `Mutation.createPayment`. */
  readonly operation: string;
  /** The number of the attempt: 1 for the first, and one more for each that took over. */
  readonly attempt: number;
  /** Larger for every later claim of the record: for conditional writes in a database. */
  readonly fence: number;
  /**
   * Aborts when the claim is lost to another request, or may be lost because the store was out of
   * reach for too long. The resolver's result may then not count; stop before the next effect.
   */
  readonly signal: AbortSignal;
  /**
   * A key for another service, the same in every attempt of this execution and different for every
   * label, derived from scope, operation and key so that it reveals none of them.
   *
   * @param label - the purpose of the key, as in `'charge'`: 1 to 255 characters
   * @param options - `length`: characters of the result, 16 to 43 (default 43)
   * @returns base64url characters
   * @throws RangeError when label or length is out of range
   */
  readonly downstreamKey: (label: string, options?: { readonly length?: number }) => string;
  /**
   * Runs a part of the resolver once: its value is recorded in the store, in one round trip, and a
   * later attempt gets that value and does not run it again. If an attempt ends between the part's
   * effect and its recording, the next one runs it again, unless it is `atMostOnce`.
   *
   * Values are encoded as results are, each within `resultBytesMax`; a record holds up to 1 000 steps
   * and 4 MiB of values. This attempt gets a value that cannot be kept; a later attempt fails.
   *
   * If the store does not accept the value, the resolver continues with it and the write is retried
   * in the background.
   *
   * @param name - the same in every attempt and used once in each, 1 to 255 characters. A failed step
   * may be tried again under its name
   * @param run - the part; if it throws, the error is thrown and nothing is recorded
   * @returns the value of `run`, from this or an earlier attempt
   * @throws IdempotencyError `IDEMPOTENCY_OUTCOME_UNKNOWN` when an `atMostOnce` step was started but
   * not recorded, `IDEMPOTENCY_RESULT_UNAVAILABLE` when its value could not be kept,
   * `IDEMPOTENCY_STORE_UNAVAILABLE` when an `atMostOnce` step could not be marked and did not run;
   * the signal's reason when the claim was lost; RangeError for a bad name or too many steps; Error
   * for a name used twice, or after the execution ended
   */
  readonly step: <T>(name: string, run: () => T | Promise<T>, options?: StepOptions) => Promise<T>;
  /**
   * Runs a transaction in your database once: its outcome is committed together with its effect, as a
   * row of the table `graphql_idempotency`. A later attempt, even after the store has lost everything,
   * finds the row and gets the value without running `body`. For a mutation whose effects are all in
   * the transaction, set `onCrash: 'RERUN'`.
   *
   * The row is claimed before `body` runs, so one of two concurrent attempts waits for the other, up to
   * `waitMs`. If the database ends the transaction because of another one, `body` runs again. If `body`
   * throws, everything is rolled back. The value is encoded as those of steps are, and returned as it
   * was kept.
   *
   * @param database - `fromPg(pool)` or another adapter of `graphql-idempotency/database`
   * @param body - receives the database library's transaction; only statements sent through it belong
   * to it
   * @returns the value of `body`, from this or an earlier attempt
   * @throws the error of `body`; IdempotencyError `IDEMPOTENCY_CONCURRENT_REQUEST` when another attempt
   * is still in its transaction after `waitMs`, `IDEMPOTENCY_KEY_PARAMETER_MISMATCH` when the row
   * belongs to other arguments, `IDEMPOTENCY_OUTCOME_UNKNOWN` when the reply to the commit was lost and
   * the database has been out of reach since, `IDEMPOTENCY_RESULT_UNAVAILABLE` when the row cannot be
   * read; Error when the value cannot be kept (the transaction is rolled back), when the table is
   * missing, for a name used twice, and for a transaction within another
   */
  readonly transaction: <TTransaction, T>(
    database: IdempotentDatabase<TTransaction>,
    body: (transaction: TTransaction, run: TransactionTry) => T | Promise<T>,
    options?: TransactionOptions,
  ) => Promise<T>;
}
