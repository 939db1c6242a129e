import type { SqlDialect } from '../idempotent-database.js';
import { NOW_MS } from '../outcome-table.js';
import type { Statement } from './statement.js';

/**
 * The name under which a whole record stands beside outcomes of transactions in one table. None of
 * those can have it.
 */
const RECORD_NAME = '@record';

/** A record that is to be written. */
export interface RecordRow {
  readonly recordId: string;
  readonly fingerprint: string;
  readonly fence: number;
  readonly bytes: Buffer;
  readonly expiresAtMs: number;
  /** Until when it may be written, in the database's clock. */
  readonly deadlineMs: number;
}

/**
 * The statements of a store of records. Every change names the bytes that it replaces: of two that
 * found the same, one changes nothing. The last statement of a change gives a row with `changed` above
 * 0 if it was made. Names in rows are of one word, as those of `Statements` are.
 */
export interface RecordStatements {
  /** The time, in a row with `moment`. */
  readonly now: Statement;
  /** One row with `moment`; `outcome` and `expiry` are null if there is no record. */
  read(recordId: string): Statement;
  insert(row: RecordRow): readonly Statement[];
  replace(row: RecordRow, before: Buffer): readonly Statement[];
  remove(recordId: string, before: Buffer): readonly Statement[];
}

/** A dialect's way to count changed rows, to return whole numbers, and to name parameters. */
interface Words {
  readonly now: string;
  readonly whole: (parameter: string) => string;
  readonly parameter: (position: number) => string;
  readonly returning: string;
  readonly onConflict: string;
  readonly after: readonly Statement[];
}

const COUNTED: Statement = { sql: 'SELECT ROW_COUNT() AS changed', parameters: [] };

const WORDS: Readonly<Record<SqlDialect, Words>> = {
  postgres: {
    now: NOW_MS.postgres,
    whole: (parameter) => `CAST(CAST(${parameter} AS text) AS bigint)`,
    parameter: (position) => `$${String(position)}`,
    returning: 'RETURNING 1 AS changed',
    onConflict: 'ON CONFLICT (record_id, name) DO NOTHING',
    after: [],
  },
  mysql: {
    now: NOW_MS.mysql,
    whole: (parameter) => `CAST(${parameter} AS SIGNED)`,
    parameter: () => '?',
    returning: '',
    // A duplicate is an error: how many rows an update counts depends on the client's flags.
    onConflict: '',
    after: [COUNTED],
  },
  sqlite: {
    now: NOW_MS.sqlite,
    whole: (parameter) => `CAST(${parameter} AS INTEGER)`,
    parameter: () => '?',
    returning: 'RETURNING 1 AS changed',
    onConflict: 'ON CONFLICT (record_id, name) DO NOTHING',
    after: [],
  },
};

/** The statements of a dialect. */
export function recordStatements(dialect: SqlDialect, table: string): RecordStatements {
  const { now, whole, parameter, returning, onConflict, after } = WORDS[dialect];
  const p = parameter;
  const text = (position: number): string =>
    dialect === 'postgres' ? `CAST(${p(position)} AS text)` : p(position);
  const bytes = (position: number): string =>
    dialect === 'postgres' ? `CAST(${p(position)} AS bytea)` : p(position);
  const key = (one: number): string => `record_id = ${p(one)} AND name = ${p(one + 1)}`;
  return {
    now: { sql: `SELECT ${now} AS moment`, parameters: [] },
    read: (recordId) => ({
      sql: `SELECT moment, outcome, expires_at_ms AS expiry FROM (SELECT ${now} AS moment) AS clock
LEFT JOIN ${table} ON ${key(1)}`,
      parameters: [recordId, RECORD_NAME],
    }),
    insert: ({ recordId, fingerprint, fence, bytes: record, expiresAtMs, deadlineMs }) => [
      {
        sql: `INSERT INTO ${table} (record_id, name, fingerprint, fence, outcome, expires_at_ms)
SELECT ${text(1)}, ${text(2)}, ${text(3)}, ${whole(p(4))}, ${bytes(5)}, ${whole(p(6))}
${dialect === 'mysql' ? 'FROM DUAL ' : ''}WHERE ${now} <= ${whole(p(7))} ${onConflict} ${returning}`,
        parameters: [
          ...[recordId, RECORD_NAME, fingerprint, String(fence), record],
          ...[String(expiresAtMs), String(deadlineMs)],
        ],
      },
      ...after,
    ],
    replace: ({ recordId, fingerprint, fence, bytes: record, expiresAtMs, deadlineMs }, before) => [
      {
        sql: `UPDATE ${table} SET fingerprint = ${text(1)}, fence = ${whole(p(2))},
  outcome = ${bytes(3)}, expires_at_ms = ${whole(p(4))}
WHERE ${key(5)} AND outcome = ${bytes(7)} AND ${now} <= ${whole(p(8))} ${returning}`,
        parameters: [
          ...[fingerprint, String(fence), record, String(expiresAtMs)],
          ...[recordId, RECORD_NAME, before, String(deadlineMs)],
        ],
      },
      ...after,
    ],
    remove: (recordId, before) => [
      {
        sql: `DELETE FROM ${table} WHERE ${key(1)} AND outcome = ${bytes(3)} ${returning}`,
        parameters: [recordId, RECORD_NAME, before],
      },
      ...after,
    ],
  };
}
