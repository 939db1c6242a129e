import { andThen, type Awaitable } from '../async/awaitable.js';
import { sleep } from '../async/timeout.js';
import { IdempotencyError } from '../errors.js';
import { refusals } from '../refusals.js';
import { backoffMs } from './backoff.js';
import { throwSetUpProblem } from './set-up-problem.js';
import type { IdempotentDatabase, OpenTransaction, SqlQuery } from './idempotent-database.js';
import { KeptOutcome } from './kept-outcome.js';
import { isClaim, newClaimBytes, numberOf, outcomeRowOf, type OutcomeRow } from './outcome-row.js';
import { isLostClaim } from './sql/postgres-statements.js';
import { sqlFailureOf } from './sql/sql-error.js';
import {
  claimRow,
  sendAll,
  type RowKey,
  type RowOutcome,
  type Statements,
} from './sql/statement.js';
import { statementsFor } from './sql/statements.js';
import type {
  TransactionBody,
  TransactionSettings,
  TransactionTry,
} from './transaction-options.js';
import type { TransactionOwner } from './transaction-owner.js';

/** The progress of a transaction, on which the meaning of an error depends. */
type Stage = 'begin' | 'claim' | 'body' | 'keep' | 'commit';

/** The end of a transaction: its body ran, or an earlier outcome was found. */
type Ended<T> =
  | { readonly kind: 'ran'; readonly value: T }
  | { readonly kind: 'found'; readonly row: OutcomeRow };

/**
 * A claim expires so much later than its outcome has to, in milliseconds. A body that takes less leaves
 * the expiry as it is, and with it the index on it.
 */
const EXPIRY_MARGIN_MS = 60_000;
/** The longest search for a commit whose reply was lost, in milliseconds. */
const DOUBT_MS_MAX = 10_000;

/**
 * One `execution.transaction`: effect and outcome in one commit.
 *
 * Invariants: the row is claimed before the body runs, in the same transaction, so that of two bodies
 * one waits for the other's commit; a row is never committed without its outcome; and whether a commit
 * happened is read from the row, by claiming it again, which waits for a commit that still goes on.
 */
export class Transaction<TTransaction, T> {
  readonly #owner: TransactionOwner;
  readonly #database: IdempotentDatabase<TTransaction>;
  readonly #body: TransactionBody<TTransaction, T>;
  readonly #settings: TransactionSettings;
  readonly #statements: Statements;
  readonly #key: RowKey;
  /**
   * The claim of this try. A body that ends its transaction commits it: another try must not take it for
   * its own and repeat that effect.
   */
  #pending = newClaimBytes();
  readonly #kept: KeptOutcome;
  #stage: Stage = 'begin';
  /** When the claim was sent last. */
  #claimedAt = 0;
  /** The number of runs of the body. */
  #runs = 0;
  /** The number of tries that the database asked for. */
  #conflicts = 0;
  /** Since when it has not been known whether the body's effect was committed. */
  #inDoubtSince: number | undefined;

  constructor(
    owner: TransactionOwner,
    database: IdempotentDatabase<TTransaction>,
    body: TransactionBody<TTransaction, T>,
    settings: TransactionSettings,
  ) {
    this.#owner = owner;
    this.#database = database;
    this.#body = body;
    this.#settings = settings;
    this.#statements = statementsFor(database);
    this.#key = { recordId: owner.recordId, name: settings.name };
    this.#kept = new KeptOutcome(owner, settings.name);
  }

  /** @returns the recorded copy of what the body returned, now or in an earlier attempt */
  async run(): Promise<T> {
    const { isolation, timeoutMs } = this.#settings;
    const { lease, waitMs } = this.#owner;
    for (let tryNumber = 1; ; tryNumber += 1) {
      // The next effect belongs to the new owner.
      lease.throwIfLost();
      this.#stage = 'begin';
      this.#pending = newClaimBytes();
      let ended: Ended<T>;
      try {
        // The claim comes first.
        const options = { isolation, timeoutMs, waitMs, startsWithQuery: true };
        ended = await this.#database.run((open) => this.#within(open), options);
      } catch (error) {
        this.#refuseFinal(error);
        await sleep(backoffMs(tryNumber, this.#owner.random), this.#owner.clock);
        continue;
      }
      return ended.kind === 'ran' ? ended.value : await this.#recall(ended.row);
    }
  }

  #within(open: OpenTransaction<TTransaction>): Awaitable<Ended<T>> {
    this.#stage = 'claim';
    return andThen(this.#claim(open.query), (row) =>
      row === undefined ? this.#runBody(open) : { kind: 'found', row },
    );
  }

  /** @returns the row that is there already; `undefined`: it is ours */
  #claim(query: SqlQuery): Awaitable<OutcomeRow | undefined> {
    return andThen(this.#insertAndRead(query), (row) => {
      // While the store remembers an earlier attempt, its row counts however old it is.
      if (row?.expired !== true || this.#owner.attempt > 1) return row;
      const removal = this.#statements.removeExpired(this.#key);
      return andThen(query(removal.sql, removal.parameters), () => this.#insertAndRead(query));
    });
  }

  #insertAndRead(query: SqlQuery): Awaitable<OutcomeRow | undefined> {
    const { fingerprint, fence, ttlMs, waitMs, clock } = this.#owner;
    const pending = this.#pending;
    const claim = {
      ...{ ...this.#key, fingerprint, fence, pending, waitMs },
      ttlMs: ttlMs + EXPIRY_MARGIN_MS,
    };
    this.#claimedAt = clock.now();
    return andThen(claimRow(query, this.#statements, claim), (isOurs) => {
      if (isOurs) return undefined;
      const { sql, parameters } = this.#statements.read(this.#key);
      return andThen(query(sql, parameters), ([found]) => {
        if (found === undefined) throw new VanishedRowError();
        const row = outcomeRowOf(found);
        return row.outcome.equals(pending) ? undefined : row;
      });
    });
  }

  #runBody(open: OpenTransaction<TTransaction>): Awaitable<Ended<T>> {
    this.#stage = 'body';
    // The row was free: whatever was tried before is rolled back for certain.
    this.#inDoubtSince = undefined;
    this.#runs += 1;
    const { lease } = this.#owner;
    const run: TransactionTry = Object.freeze({
      tryNumber: this.#runs,
      get signal() {
        return lease.signal;
      },
    });
    return andThen(this.#body(open.transaction, run), (value) =>
      andThen(open.flush?.(), () => this.#keep(value, open)),
    );
  }

  #keep(value: T, { query, commitWith }: OpenTransaction<TTransaction>): Awaitable<Ended<T>> {
    this.#stage = 'keep';
    return andThen(this.#kept.encode(value), ({ copy, sealed }) => {
      const outcome = { ...this.#key, pending: this.#pending, outcome: sealed, ttlMs: this.#ttlMs };
      const ended: Ended<T> = { kind: 'ran', value: copy };
      const statement = commitWith && this.#statements.keepOrFail?.(outcome);
      if (statement !== undefined) {
        commitWith?.(statement.sql, statement.parameters);
        this.#stage = 'commit';
        return ended;
      }
      return andThen(this.#keepNow(outcome, query), () => ended);
    });
  }

  #keepNow(outcome: RowOutcome, query: SqlQuery): Awaitable<void> {
    return andThen(sendAll(query, this.#statements.keep(outcome)), ([row]) => {
      if (row === undefined || numberOf(row['kept'], 'count') < 1) throw this.#endedInside();
      this.#stage = 'commit';
    });
  }

  /** The time after which the row expires, unless its claim has been given enough. */
  get #ttlMs(): number | undefined {
    const { clock, ttlMs } = this.#owner;
    return clock.now() - this.#claimedAt < EXPIRY_MARGIN_MS ? undefined : ttlMs;
  }

  /** The value that the body of an earlier attempt returned. */
  async #recall(row: OutcomeRow): Promise<T> {
    const { operation, recordId, attempt, fingerprint, events } = this.#owner;
    if (row.fingerprint !== fingerprint) {
      events.listener?.({ type: 'mismatch', operation, recordId });
      throw refusals.mismatch();
    }
    if (isClaim(row)) throw refusals.commitUnknown(undefined);
    const value = await this.#kept.decode(row.outcome);
    const { name } = this.#key;
    events.listener?.({ type: 'transactionFound', operation, recordId, attempt, name });
    return value as T;
  }

  /** Throws unless the transaction is to be tried again, which then has no effect for certain. */
  #refuseFinal(error: unknown): void {
    if (IdempotencyError.is(error)) throw error;
    if (isLostClaim(error)) throw this.#endedInside(error);
    const failure = error instanceof VanishedRowError ? 'conflict' : sqlFailureOf(error);
    if (failure === 'conflict' || (this.#stage === 'claim' && failure === 'duplicate')) {
      this.#conflicts += 1;
      if (this.#conflicts < this.#settings.triesMax) return;
      throw error;
    }
    const { clock, leaseMs } = this.#owner;
    if (this.#stage === 'commit' && failure === 'unclear') this.#inDoubtSince ??= clock.now();
    if (this.#stage === 'begin' || this.#stage === 'claim') {
      if (failure === 'lockTimeout') throw refusals.concurrent(leaseMs);
      throwSetUpProblem(this.#database, error);
    }
    if (this.#inDoubtSince === undefined) throw error;
    if (clock.now() - this.#inDoubtSince > DOUBT_MS_MAX) throw refusals.commitUnknown(error);
  }

  #endedInside(cause?: unknown): Error {
    return new Error(
      `The body of the transaction "${this.#key.name}" ended that transaction, by itself or by ignoring an error that ` +
        'did. What it did after that may have happened, and is not known to be.',
      { cause },
    );
  }
}

/** The row that was in the way has gone: it was pruned at this moment. */
class VanishedRowError extends Error {
  override readonly name = 'VanishedRowError';
}
