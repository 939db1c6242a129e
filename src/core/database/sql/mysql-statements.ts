import { NOW_MS } from '../outcome-table.js';
import { ifSet, type Statement, type Statements } from './statement.js';

/** The statements of MySQL and MariaDB. */
export function mysqlStatements(table: string): Statements {
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
    keep: ({ recordId, name, pending, outcome, ttlMs }) => [
      {
        sql: `UPDATE ${table} SET outcome = ?${
          ttlMs === undefined ? '' : `, expires_at_ms = ${now} + CAST(? AS SIGNED)`
        }
WHERE record_id = ? AND name = ? AND outcome = ?`,
        parameters: [outcome, ...ifSet(ttlMs), recordId, name, pending],
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
