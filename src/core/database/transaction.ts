import { andFinally, andThen, type Awaitable } from '../async/awaitable.js';
import type { Cipher } from '../crypto/cipher.js';
import type { Clock } from '../async/clock.js';
import { sleep } from '../async/timeout.js';
import { IdempotencyError } from '../errors.js';
import type { Events } from '../events.js';
import { refusals } from '../refusals.js';
import type { StepCodec } from '../engine/attempt/steps.js';
import { throwSetUpProblem } from './set-up-problem.js';
import type {
  IdempotentDatabase,
  OpenTransaction,
  SqlQuery,
  SqlRow,
} from './idempotent-database.js';
import { KeptOutcome } from './kept-outcome.js';
import { claimBytes, isClaim, numberOf, outcomeRowOf, type OutcomeRow } from './outcome-row.js';
import { sqlFailureOf } from './sql/sql-error.js';
import { sendAll, statementsFor, type RowKey, type Statements } from './sql/statements.js';
import type { TransactionSettings, TransactionTry } from './transaction-options.js';

/** The execution that a transaction belongs to. */
export interface TransactionOwner {
  readonly operation: string;
  readonly recordId: string;
  readonly fingerprint: string;
  readonly owner: string;
  readonly fence: number;
  readonly attempt: number;
  readonly waitMs: number;
  readonly leaseMs: number;
  readonly ttlMs: number;
  /** Aborts when the claim is lost. */
  readonly signal: AbortSignal;
  readonly codec: StepCodec;
  readonly cipher: Cipher | undefined;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly events: Events;
}

/** The user's part of a transaction. */
export type TransactionBody<TTransaction, T> = (
  transaction: TTransaction,
  run: TransactionTry,
) => Awaitable<T>;

/** The progress of a transaction, on which the meaning of an error depends. */
type Stage = 'begin' | 'claim' | 'body' | 'keep' | 'commit';

/** The end of a transaction: its body ran, or an earlier outcome was found. */
type Ended<T> =
  | { readonly kind: 'ran'; readonly value: T }
  | { readonly kind: 'found'; readonly row: OutcomeRow };

const BACKOFF_MS = { first: 10, most: 500 };
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
  readonly #pending: Buffer;
  readonly #kept: KeptOutcome;
  #stage: Stage = 'begin';
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
    this.#statements = statementsFor(database.dialect, database.table);
    this.#key = { recordId: owner.recordId, name: settings.name };
    this.#pending = claimBytes(owner.owner);
    this.#kept = new KeptOutcome(owner, settings.name);
  }

  /** @returns the recorded copy of what the body returned, now or in an earlier attempt */
  async run(): Promise<T> {
    const { isolation, timeoutMs } = this.#settings;
    const { signal, waitMs } = this.#owner;
    for (let tryNumber = 1; ; tryNumber += 1) {
      // The next effect belongs to the new owner.
      signal.throwIfAborted();
      this.#stage = 'begin';
      let ended: Ended<T>;
      try {
        const options = { isolation, timeoutMs, waitMs };
        ended = await this.#database.run((open) => this.#within(open), options);
      } catch (error) {
        this.#refuseFinal(error);
        await sleep(this.#backoffMs(tryNumber), this.#owner.clock);
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
    const { fingerprint, fence, ttlMs, waitMs } = this.#owner;
    const pending = this.#pending;
    const claim = { ...this.#key, fingerprint, fence, pending, ttlMs, waitMs };
    let failed = true;
    const insert = (): Awaitable<readonly SqlRow[]> =>
      andThen(sendAll(query, this.#statements.claim(claim)), (rows) => {
        failed = false;
        return rows;
      });
    const cleanUp = (): Awaitable<unknown> =>
      failed ? sendAll(query, this.#statements.afterFailedClaim) : undefined;
    return andThen(andFinally(insert, cleanUp), ([inserted]) => {
      if (inserted !== undefined && numberOf(inserted['claimed'], 'count') > 0) return undefined;
      const { sql, parameters } = this.#statements.read(this.#key);
      return andThen(query(sql, parameters), ([found]) => {
        if (found === undefined) throw new VanishedRowError();
        const row = outcomeRowOf(found);
        return row.outcome.equals(pending) ? undefined : row;
      });
    });
  }

  #runBody({ transaction, query, flush }: OpenTransaction<TTransaction>): Awaitable<Ended<T>> {
    this.#stage = 'body';
    // The row was free: whatever was tried before is rolled back for certain.
    this.#inDoubtSince = undefined;
    this.#runs += 1;
    const { signal } = this.#owner;
    const run: TransactionTry = Object.freeze({
      tryNumber: this.#runs,
      get signal() {
        return signal;
      },
    });
    return andThen(this.#body(transaction, run), (value) =>
      andThen(flush?.(), () => this.#keep(value, query)),
    );
  }

  #keep(value: T, query: SqlQuery): Awaitable<Ended<T>> {
    this.#stage = 'keep';
    const { ttlMs } = this.#owner;
    return andThen(this.#kept.encode(value), ({ copy, sealed }) => {
      const keep = this.#statements.keep(this.#key, this.#pending, sealed, ttlMs);
      return andThen(sendAll(query, keep), ([row]) => {
        if (row === undefined || numberOf(row['kept'], 'count') < 1) throw this.#endedInside();
        this.#stage = 'commit';
        return { kind: 'ran', value: copy };
      });
    });
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

  #backoffMs(tryNumber: number): number {
    const { first, most } = BACKOFF_MS;
    const longest = Math.min(most, first * 2 ** Math.min(tryNumber, 10));
    // Two that met once are not to meet again.
    return longest * (0.5 + this.#owner.random() / 2);
  }

  #endedInside(): Error {
    return new Error(
      `The body of the transaction "${this.#key.name}" ended that transaction, by itself or by ignoring an error that ` +
        'did. What it did after that may have happened, and is not known to be.',
    );
  }
}

/** The row that was in the way has gone: it was pruned at this moment. */
class VanishedRowError extends Error {
  override readonly name = 'VanishedRowError';
}
