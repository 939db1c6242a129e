import { messageOf } from '../../values/message-of.js';
import { NOW_MS } from '../outcome-table.js';
import { ifSet, type RowClaim, type RowOutcome, type Statements } from './statement.js';

/** In the message of the error of a claim that is not there any more, in every language. */
const LOST_CLAIM = 'graphql_idempotency: the claim is lost';

/**
 * Whether an error means that {@link Statements.keepOrFail} did not find its claim. Any error may be
 * given: those of other statements are told apart by the message.
 */
export function isLostClaim(error: unknown): boolean {
  return messageOf(error).includes(LOST_CLAIM);
}

const now = NOW_MS.postgres;
const COLUMNS = 'record_id, name, fingerprint, fence, outcome, expires_at_ms';
/** No claim has it. */
const NO_FENCE = -1;

/**
 * The statements of PostgreSQL.
 *
 * Invariant: a transaction inserts a row only while it holds the row's advisory lock, which ends with
 * the transaction, as a pooler demands. Who gets that lock without waiting therefore inserts without
 * waiting too, and needs no lock_timeout, which costs more to set and restore than the row itself.
 * Two rows with one lock only wait for each other; the primary key decides.
 */
export function postgresStatements(table: string): Statements {
  const lock = 'hashtextextended(CAST($1 AS text), 0)';
  const insert = `INSERT INTO ${table} (${COLUMNS})
  SELECT CAST($1 AS text), CAST($2 AS text), CAST($3 AS text), CAST(CAST($4 AS text) AS bigint),
    CAST($5 AS bytea), ${now} + CAST(CAST($6 AS text) AS bigint)`;
  const ifLocked = `WHERE pg_try_advisory_xact_lock(${lock})`;
  const tryClaim = `${insert}
  ${ifLocked} ON CONFLICT (record_id, name) DO NOTHING
  RETURNING 1 AS claimed`;
  return {
    tryClaim: (claim) => ({ sql: tryClaim, parameters: rowOf(claim) }),
    // One round trip: each part takes its rows from the one before it, so lock_timeout is set before
    // anything is waited for, and as it was before once the row is inserted. It ends with the
    // transaction in any case, so that it works behind a pooler too.
    claim: (claim) => [
      {
        sql: `WITH earlier AS MATERIALIZED (
  SELECT current_setting('lock_timeout') AS lock_timeout
), bounded AS MATERIALIZED (
  SELECT set_config('lock_timeout', CAST($7 AS text), true) FROM earlier
), locked AS MATERIALIZED (
  SELECT pg_advisory_xact_lock(${lock}) FROM bounded
), claimed AS (
  ${insert}
  FROM locked
  ON CONFLICT (record_id, name) DO NOTHING
  RETURNING 1
)
SELECT count(*) AS claimed, set_config('lock_timeout', (SELECT lock_timeout FROM earlier), true)
FROM claimed`,
        // 0 would wait for ever.
        parameters: [...rowOf(claim), `${Math.max(1, Math.ceil(claim.waitMs))}ms`],
      },
    ],
    afterFailedClaim: [],
    read: ({ recordId, name }) => ({
      sql: `SELECT fingerprint, fence, outcome,
  CASE WHEN expires_at_ms <= ${now} THEN 1 ELSE 0 END AS expired
FROM ${table} WHERE record_id = $1 AND name = $2`,
      parameters: [recordId, name],
    }),
    keep: (outcome) => [
      { sql: `${updateOf(table, outcome)} RETURNING 1 AS kept`, parameters: valuesOf(outcome) },
    ],
    // ON CONFLICT always uses the primary key. For an UPDATE that was prepared while the table was small,
    // PostgreSQL would go on reading the whole table. If there is no claim, this inserts a row, or none if
    // another transaction has the lock. It then fails, because the text is a number only if there was a
    // claim, and the row goes with the transaction.
    keepOrFail: (outcome) => ({
      sql: `WITH kept AS (
  INSERT INTO ${table} AS claim (${COLUMNS})
  SELECT CAST($1 AS text), CAST($2 AS text), '', ${NO_FENCE}, CAST($3 AS bytea), ${expiryOf(outcome) ?? '0'}
  ${ifLocked}
  ON CONFLICT (record_id, name) DO UPDATE SET outcome = excluded.outcome${
    outcome.ttlMs === undefined ? '' : ', expires_at_ms = excluded.expires_at_ms'
  }
  WHERE claim.outcome = $4 RETURNING fence
)
SELECT CAST(CASE max(fence) >= 0 WHEN true THEN '1' ELSE '${LOST_CLAIM}' END AS int) AS kept FROM kept`,
      parameters: valuesOf(outcome),
    }),
    removeExpired: ({ recordId, name }) => ({
      sql: `DELETE FROM ${table} WHERE record_id = $1 AND name = $2 AND expires_at_ms <= ${now}`,
      parameters: [recordId, name],
    }),
    // Not clock_timestamp(), which no index is used for. Two that prune do not wait for each other.
    prune: (limit, graceMs) => [
      {
        sql: `WITH expired AS MATERIALIZED (
  SELECT record_id, name FROM ${table}
  WHERE expires_at_ms <= CAST(extract(epoch FROM now()) * 1000 AS bigint) - ${graceMs}
  ORDER BY expires_at_ms LIMIT ${limit} FOR UPDATE SKIP LOCKED
), removed AS (
  DELETE FROM ${table} AS kept USING expired
  WHERE kept.record_id = expired.record_id AND kept.name = expired.name RETURNING 1
)
SELECT count(*) AS removed FROM removed`,
        parameters: [],
      },
    ],
  };
}

function rowOf({ recordId, name, fingerprint, fence, pending, ttlMs }: RowClaim) {
  return [recordId, name, fingerprint, String(fence), pending, String(ttlMs)];
}

/** Where the expiry stays as it is, no index changes, and PostgreSQL writes half as much. */
function updateOf(table: string, outcome: RowOutcome): string {
  const expiry = expiryOf(outcome);
  return `UPDATE ${table} SET outcome = $3${expiry === undefined ? '' : `, expires_at_ms = ${expiry}`}
WHERE record_id = $1 AND name = $2 AND outcome = $4`;
}

/** @returns `undefined` if the expiry stays as it is */
function expiryOf({ ttlMs }: RowOutcome): string | undefined {
  return ttlMs === undefined ? undefined : `${now} + CAST(CAST($5 AS text) AS bigint)`;
}

function valuesOf({ recordId, name, pending, outcome, ttlMs }: RowOutcome) {
  return [recordId, name, outcome, pending, ...ifSet(ttlMs)];
}
