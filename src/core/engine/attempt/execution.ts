import type { IdempotentDatabase } from '../../database/idempotent-database.js';
import type { TransactionOptions, TransactionTry } from '../../database/transaction-options.js';

/** How a step is to be run. */
export interface StepOptions {
  /**
   * Whether the step must not be run a second time, whatever happens. It is marked in the store
   * before it runs, one more round trip, and a re-run that finds the mark but no value is told that
   * the outcome is unknown.
   *
   * @defaultValue false
   */
  readonly atMostOnce?: boolean;
}

/** What a resolver can know about the idempotent execution it runs in. */
export interface Execution {
  /** The client's key. Give providers {@link Execution.downstreamKey} instead. */
  readonly key: string;
  /** The schema coordinate, as in `Mutation.createPayment`. */
  readonly operation: string;
  /** 1 for the first attempt, one more for each that took over after it. */
  readonly attempt: number;
  /** Larger for every later claim of the record: for conditional writes in a database. */
  readonly fence: number;
  /**
   * Aborts when the claim is lost to another request, or could be, because the store was out of reach
   * for too long. The resolver's result may not count then; stop before the next effect.
   */
  readonly signal: AbortSignal;
  /**
   * A key for another service, the same in every attempt of this execution and different for every
   * label, derived from scope, operation and key so that it reveals none of them.
   *
   * @param label - what the key is for, as in `'charge'`: 1 to 255 characters
   * @param options - `length`: characters of the result, 16 to 43 (default 43)
   * @returns base64url characters
   * @throws RangeError when label or length is out of range
   */
  readonly downstreamKey: (label: string, options?: { readonly length?: number }) => string;
  /**
   * Runs a part of the resolver once: what it returned is recorded in the store, at one round trip,
   * and a later attempt gets that value instead of running it again. An attempt that ends between
   * the part's effect and its recording runs it again, unless it is `atMostOnce`.
   *
   * Values are kept as results are, and within the same `resultBytesMax`; 1 000 steps and 4 MiB in
   * all. One that cannot be kept is given to this attempt, and a later one is told so.
   *
   * If the store cannot be told of the value, the resolver goes on with it and the write is retried
   * in the background.
   *
   * @param name - the same in every attempt, 1 to 255 characters, each used once in an attempt. A
   * step that failed may be tried again under its name
   * @param run - the part; what it throws is thrown, and nothing is recorded
   * @returns what `run` returned, now or in an earlier attempt
   * @throws IdempotencyError `IDEMPOTENCY_OUTCOME_UNKNOWN` when an `atMostOnce` step was begun but
   * not recorded, `IDEMPOTENCY_RESULT_UNAVAILABLE` when its value could not be kept,
   * `IDEMPOTENCY_STORE_UNAVAILABLE` when an `atMostOnce` step could not be marked and did not run;
   * the signal's reason when the claim was lost; RangeError for a bad name or too many steps; Error
   * for a name used twice, or after the execution ended
   */
  readonly step: <T>(name: string, run: () => T | Promise<T>, options?: StepOptions) => Promise<T>;
  /**
   * Runs a transaction in your database once: its outcome is committed together with its effect, as a
   * row of the table `graphql_idempotency`. A further attempt, also after the store has lost everything,
   * finds the row and gets the value without running `body`. A mutation whose effects are all in it
   * says `onCrash: 'RERUN'`.
   *
   * The row is claimed before `body` runs, so that of two attempts one waits for the other, up to
   * `waitMs`. If the database ends the transaction because of another one, `body` runs again. If `body`
   * throws, everything is rolled back. Values are kept as those of steps are, and what `body` returned
   * is given back as it was kept.
   *
   * @param database - `fromPg(pool)` or another of `graphql-idempotency/database`
   * @param body - gets the library's own transaction: only what goes through it is a part of it
   * @returns what `body` returned, now or in an earlier attempt
   * @throws what `body` threw; IdempotencyError `IDEMPOTENCY_CONCURRENT_REQUEST` when another attempt
   * is still in its transaction after `waitMs`, `IDEMPOTENCY_KEY_PARAMETER_MISMATCH` when the row
   * belongs to other arguments, `IDEMPOTENCY_OUTCOME_UNKNOWN` when the reply to the commit was lost and
   * the database could not be asked since, `IDEMPOTENCY_RESULT_UNAVAILABLE` when the row cannot be
   * read; Error when the value cannot be kept, which rolls back, when the table is missing, for a
   * name used twice, and for a transaction inside of another
   */
  readonly transaction: <TTransaction, T>(
    database: IdempotentDatabase<TTransaction>,
    body: (transaction: TTransaction, run: TransactionTry) => T | Promise<T>,
    options?: TransactionOptions,
  ) => Promise<T>;
}
