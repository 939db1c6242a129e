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

/** The statements of a transaction on the table of outcomes. */
export interface Statements {
  /**
   * Claims the row if nobody has to be waited for: gives a row with `claimed` if it is ours now, and
   * none if {@link Statements.claim} must decide. Only for dialects in which it costs less than that.
   */
  tryClaim?(claim: RowClaim): Statement;
  /**
   * Claims the row, waiting for a transaction that has claimed it before. The last statement gives one
   * row with `claimed` above 0 if it is ours now; none, or 0, if there is one already; a dialect that
   * cannot tell gives none, and {@link Statements.read} decides.
   */
  claim(claim: RowClaim): readonly Statement[];
  /** The statements to send after a failed claim, before the connection is reused. */
  readonly afterFailedClaim: readonly Statement[];
  /** Reads the row as it was committed last. */
  read(key: RowKey): Statement;
  /** Puts the outcome in the place of `pending`; the last gives a row with `kept` above 0 if it did. */
  keep(outcome: RowOutcome): readonly Statement[];
  /**
   * The same as a statement that fails if it does not: a commit can be sent behind it, together with
   * it. {@link isLostClaim} recognises that failure.
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
