import { andFinally, andThen, type Awaitable } from '../../async/awaitable.js';
import type { SqlParameter, SqlQuery, SqlRow } from '../idempotent-database.js';
import { numberOf } from '../outcome-row.js';

/** A statement and its parameters. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
}

/** Which row is meant. */
export interface RowKey {
  readonly recordId: string;
  readonly name: string;
}

/** A row that is to be claimed. */
export interface RowClaim extends RowKey {
  readonly fingerprint: string;
  readonly fence: number;
  /** The bytes in the place of the outcome until there is one. */
  readonly pending: Buffer;
  /** When the row expires, from now. */
  readonly ttlMs: number;
  /** The longest wait for another transaction that has claimed the row. */
  readonly waitMs: number;
}

/** An outcome that takes the place of its claim. */
export interface RowOutcome extends RowKey {
  readonly pending: Buffer;
  readonly outcome: Buffer;
  /** When the row expires, from now, if that is to change. */
  readonly ttlMs: number | undefined;
}

/**
 * The statements of a transaction on the table of outcomes.
 *
 * Invariant: what they return has names of one word in small letters. Libraries can rename columns, such as
 * `now_ms` to `nowMs`, and leave such words alone.
 */
export interface Statements {
  /**
   * Claims the row without waiting. Returns one row with `claimed` above 0 if the claim was made. It
   * returns no row if the row exists, or if another transaction may be about to commit it: then
   * {@link Statements.claim} decides.
   *
   * Implement it only if it costs the database less than `claim`. Without it, `claim` is sent at once.
   */
  tryClaim?(claim: RowClaim): Statement;
  /**
   * Claims the row. If another transaction has claimed it and is still open, this waits for the end of
   * that transaction, up to `waitMs`.
   *
   * The last statement returns one row with `claimed` above 0 if the claim was made. If the row exists,
   * it returns `claimed` 0 or no row. A dialect whose statement cannot tell returns no row either: after
   * each of these, {@link Statements.read} shows whose row it is.
   */
  claim(claim: RowClaim): readonly Statement[];
  /** The statements to send after a failed claim, before the connection is reused. */
  readonly afterFailedClaim: readonly Statement[];
  /** Reads the row as it was committed last. */
  read(key: RowKey): Statement;
  /**
   * Replaces the claim's `pending` bytes with the outcome. The last statement returns one row with `kept`
   * above 0 if it did, and no row or 0 if the row is gone or holds other bytes.
   */
  keep(outcome: RowOutcome): readonly Statement[];
  /**
   * Does the same in one statement, which fails if it finds no claim. Its error is one that
   * {@link isLostClaim} recognises.
   *
   * Implement it for databases that skip the rest of a message when a statement fails: the commit is then
   * sent behind this statement, in one message, and never happens without the outcome.
   */
  keepOrFail?(outcome: RowOutcome): Statement;
  /** Removes a row that has expired. */
  removeExpired(key: RowKey): Statement;
  /**
   * Removes up to `limit` rows that expired more than `graceMs` ago, both whole numbers; the last
   * gives a row with `removed`, how many they were.
   */
  prune(limit: number, graceMs: number): readonly Statement[];
}

/** @returns what the last one gave */
export function sendAll(
  query: SqlQuery,
  statements: readonly Statement[],
): Awaitable<readonly SqlRow[]> {
  return statements.reduce<Awaitable<readonly SqlRow[]>>(
    (before, { sql, parameters }) => andThen(before, () => query(sql, parameters)),
    [],
  );
}

/**
 * Claims a row, without waiting if nobody has to be waited for.
 *
 * @returns whether it is ours for certain; if not, {@link Statements.read} decides
 */
export function claimRow(
  query: SqlQuery,
  statements: Statements,
  claim: RowClaim,
): Awaitable<boolean> {
  const first = statements.tryClaim?.(claim);
  if (first === undefined) return claimOrWait(query, statements, claim);
  return andThen(
    query(first.sql, first.parameters),
    (rows) => isClaimed(rows) || claimOrWait(query, statements, claim),
  );
}

function claimOrWait(query: SqlQuery, statements: Statements, claim: RowClaim): Awaitable<boolean> {
  let failed = true;
  const insert = (): Awaitable<boolean> =>
    andThen(sendAll(query, statements.claim(claim)), (rows) => {
      failed = false;
      return isClaimed(rows);
    });
  const cleanUp = (): Awaitable<unknown> =>
    failed ? sendAll(query, statements.afterFailedClaim) : undefined;
  return andFinally(insert, cleanUp);
}

function isClaimed([row]: readonly SqlRow[]): boolean {
  return row !== undefined && numberOf(row['claimed'], 'count') > 0;
}

/** The parameter of an expiry, where there is one. */
export function ifSet(ttlMs: number | undefined): readonly string[] {
  return ttlMs === undefined ? [] : [String(ttlMs)];
}
