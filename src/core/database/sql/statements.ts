import { andThen, type Awaitable } from '../../async/awaitable.js';
import type { SqlDialect, SqlParameter, SqlQuery, SqlRow } from '../idempotent-database.js';
import { NOW_MS } from '../outcome-table.js';

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
  readonly ttlMs: number;
  /** The longest wait for another transaction that has claimed the row. */
  readonly waitMs: number;
}

/** The statements of a transaction on the table of outcomes. */
export interface Statements {
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
  keep(key: RowKey, pending: Buffer, outcome: Buffer, ttlMs: number): readonly Statement[];
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

/** The statements of a dialect. */
export function statementsFor(dialect: SqlDialect, table: string): Statements {
  switch (dialect) {
    case 'postgres':
      return postgresStatements(table);
    case 'mysql':
      return mysqlStatements(table);
    case 'sqlite':
      return sqliteStatements(table);
    default:
      return dialect satisfies never;
  }
}

function postgresStatements(table: string): Statements {
  const now = NOW_MS.postgres;
  return {
    // One round trip: each part takes its rows from the one before it, so lock_timeout is set before
    // the row is inserted, and as it was before once that is done. It ends with the transaction in
    // any case, so that it works behind a pooler too.
    claim: ({ recordId, name, fingerprint, fence, pending, ttlMs, waitMs }) => [
      {
        sql: `WITH earlier AS MATERIALIZED (
  SELECT current_setting('lock_timeout') AS lock_timeout
), bounded AS MATERIALIZED (
  SELECT set_config('lock_timeout', CAST($7 AS text), true) FROM earlier
), claimed AS (
  INSERT INTO ${table} (record_id, name, fingerprint, fence, outcome, expires_at_ms)
  SELECT CAST($1 AS text), CAST($2 AS text), CAST($3 AS text), CAST(CAST($4 AS text) AS bigint),
    CAST($5 AS bytea), ${now} + CAST(CAST($6 AS text) AS bigint)
  FROM bounded
  ON CONFLICT (record_id, name) DO NOTHING
  RETURNING 1
)
SELECT count(*) AS claimed, set_config('lock_timeout', (SELECT lock_timeout FROM earlier), true)
FROM claimed`,
        parameters: [
          ...[recordId, name, fingerprint, String(fence), pending, String(ttlMs)],
          // 0 would wait for ever.
          `${Math.max(1, Math.ceil(waitMs))}ms`,
        ],
      },
    ],
    afterFailedClaim: [],
    read: ({ recordId, name }) => ({
      sql: `SELECT fingerprint, fence, outcome,
  CASE WHEN expires_at_ms <= ${now} THEN 1 ELSE 0 END AS expired
FROM ${table} WHERE record_id = $1 AND name = $2`,
      parameters: [recordId, name],
    }),
    keep: ({ recordId, name }, pending, outcome, ttlMs) => [
      {
        sql: `UPDATE ${table} SET outcome = $3,
  expires_at_ms = ${now} + CAST(CAST($5 AS text) AS bigint)
WHERE record_id = $1 AND name = $2 AND outcome = $4 RETURNING 1 AS kept`,
        parameters: [recordId, name, outcome, pending, String(ttlMs)],
      },
    ],
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

function mysqlStatements(table: string): Statements {
  const now = NOW_MS.mysql;
  const restore: Statement = {
    sql: 'SET SESSION innodb_lock_wait_timeout = @graphql_idempotency_lock_wait',
    parameters: [],
  };
  return {
    claim: ({ recordId, name, fingerprint, fence, pending, ttlMs, waitMs }) => [
      {
        // Whole seconds, at least one: InnoDB knows nothing finer.
        sql: `SET @graphql_idempotency_lock_wait = @@SESSION.innodb_lock_wait_timeout,
  SESSION innodb_lock_wait_timeout = ${Math.max(1, Math.ceil(waitMs / 1_000))}`,
        parameters: [],
      },
      {
        // Not INSERT IGNORE, which also ignores values that do not fit, and leaves two who waited
        // with shared locks that end in a deadlock.
        sql: `INSERT INTO ${table} (record_id, name, fingerprint, fence, outcome, expires_at_ms)
VALUES (?, ?, ?, ?, ?, ${now} + CAST(? AS SIGNED))
ON DUPLICATE KEY UPDATE record_id = record_id`,
        parameters: [recordId, name, fingerprint, String(fence), pending, String(ttlMs)],
      },
      restore,
    ],
    afterFailedClaim: [restore],
    read: ({ recordId, name }) => ({
      // FOR UPDATE reads what was committed last, whatever the snapshot of the transaction.
      sql: `SELECT fingerprint, fence, outcome, expires_at_ms <= ${now} AS expired
FROM ${table} WHERE record_id = ? AND name = ? FOR UPDATE`,
      parameters: [recordId, name],
    }),
    keep: ({ recordId, name }, pending, outcome, ttlMs) => [
      {
        sql: `UPDATE ${table} SET outcome = ?, expires_at_ms = ${now} + CAST(? AS SIGNED)
WHERE record_id = ? AND name = ? AND outcome = ?`,
        parameters: [outcome, String(ttlMs), recordId, name, pending],
      },
      { sql: 'SELECT ROW_COUNT() AS kept', parameters: [] },
    ],
    removeExpired: ({ recordId, name }) => ({
      sql: `DELETE FROM ${table} WHERE record_id = ? AND name = ? AND expires_at_ms <= ${now}`,
      parameters: [recordId, name],
    }),
    prune: (limit, graceMs) => [
      {
        sql: `DELETE FROM ${table} WHERE expires_at_ms <= ${now} - ${graceMs}
ORDER BY expires_at_ms LIMIT ${limit}`,
        parameters: [],
      },
      { sql: 'SELECT ROW_COUNT() AS removed', parameters: [] },
    ],
  };
}

function sqliteStatements(table: string): Statements {
  const now = NOW_MS.sqlite;
  return {
    claim: ({ recordId, name, fingerprint, fence, pending, ttlMs }) => [
      {
        sql: `INSERT INTO ${table} (record_id, name, fingerprint, fence, outcome, expires_at_ms)
VALUES (?, ?, ?, CAST(? AS INTEGER), ?, ${now} + CAST(? AS INTEGER))
ON CONFLICT (record_id, name) DO NOTHING RETURNING 1 AS claimed`,
        parameters: [recordId, name, fingerprint, String(fence), pending, String(ttlMs)],
      },
    ],
    afterFailedClaim: [],
    read: ({ recordId, name }) => ({
      sql: `SELECT fingerprint, fence, outcome, expires_at_ms <= ${now} AS expired
FROM ${table} WHERE record_id = ? AND name = ?`,
      parameters: [recordId, name],
    }),
    keep: ({ recordId, name }, pending, outcome, ttlMs) => [
      {
        sql: `UPDATE ${table} SET outcome = ?, expires_at_ms = ${now} + CAST(? AS INTEGER)
WHERE record_id = ? AND name = ? AND outcome = ? RETURNING 1 AS kept`,
        parameters: [outcome, String(ttlMs), recordId, name, pending],
      },
    ],
    removeExpired: ({ recordId, name }) => ({
      sql: `DELETE FROM ${table} WHERE record_id = ? AND name = ? AND expires_at_ms <= ${now}`,
      parameters: [recordId, name],
    }),
    prune: (limit, graceMs) => [
      {
        sql: `DELETE FROM ${table} WHERE (record_id, name) IN (
  SELECT record_id, name FROM ${table} WHERE expires_at_ms <= ${now} - ${graceMs}
  ORDER BY expires_at_ms LIMIT ${limit}
)`,
        parameters: [],
      },
      { sql: 'SELECT changes() AS removed', parameters: [] },
    ],
  };
}
