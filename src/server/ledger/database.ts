import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';

/** A value of a column. */
export type SqlValue = string | number | null;

/** A SQLite database, by the few ways in which the ledger uses it. All of them are synchronous. */
export interface Database {
  /** Reads rows. */
  all(sql: string, ...values: readonly SqlValue[]): unknown[];
  /** Reads the first row; `undefined` if there is none. */
  first(sql: string, ...values: readonly SqlValue[]): unknown;
  /** Changes rows. */
  run(sql: string, ...values: readonly SqlValue[]): void;
  /** Runs `act` as one transaction that excludes other writers; what it throws undoes it. */
  transact<T>(act: () => T): T;
  close(): void;
}

/** How long a transaction waits for another process's, in milliseconds. */
const BUSY_MS_MAX = 5_000;

/** Opens a database file and makes its folder, or `:memory:`. */
export function openDatabase(file: string): Database {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const database = new Libsql(file);
  database.pragma(`busy_timeout = ${BUSY_MS_MAX}`);
  database.pragma('journal_mode = WAL');
  database.pragma('foreign_keys = ON');
  const statements = new Map<string, Libsql.Statement<[readonly SqlValue[]]>>();

  function statement(sql: string): Libsql.Statement<[readonly SqlValue[]]> {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const prepared = database.prepare<[readonly SqlValue[]]>(sql);
    statements.set(sql, prepared);
    return prepared;
  }

  // Always `all`: the driver's `get` leaves its statement open, and the next call of it repeats the
  // same row whatever it is asked for.
  const all = (sql: string, ...values: readonly SqlValue[]): unknown[] =>
    statement(sql).all(values);

  return {
    all,
    first: (sql, ...values) => all(sql, ...values)[0],
    run(sql, ...values) {
      statement(sql).run(values);
    },
    transact: (act) => database.transaction(act).immediate(),
    close() {
      database.close();
    },
  };
}
