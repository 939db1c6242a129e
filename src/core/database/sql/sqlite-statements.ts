import { NOW_MS } from '../outcome-table.js';
import { ifSet, type Statements } from './statement.js';

/** The statements of SQLite. */
export function sqliteStatements(table: string): Statements {
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
    keep: ({ recordId, name, pending, outcome, ttlMs }) => [
      {
        sql: `UPDATE ${table} SET outcome = ?${
          ttlMs === undefined ? '' : `, expires_at_ms = ${now} + CAST(? AS INTEGER)`
        }
WHERE record_id = ? AND name = ? AND outcome = ? RETURNING 1 AS kept`,
        parameters: [outcome, ...ifSet(ttlMs), recordId, name, pending],
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
