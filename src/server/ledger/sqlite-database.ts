import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { fromLibsql } from '../../stores/database/index.js';
import { performing, writeThrough, type LedgerDatabase } from './ledger-database.js';
import { performNow, type Query, type SqlRow, type SqlValue } from './work.js';

/** The longest wait of a transaction for another process's, in milliseconds. */
const BUSY_MS_MAX = 5_000;

/** Opens a database file and makes its folder, or `:memory:`. */
export function openSqlite(file: string): LedgerDatabase {
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

  /** A transaction has the whole file, so that there are no rows to lock. */
  function ask({ sql, values }: Query): readonly SqlRow[] {
    const prepared = statement(sql);
    // Always `all`: the driver's `get` leaves its statement open, and the next call of it repeats the
    // same row whatever it is asked for.
    if (prepared.reader) return prepared.all(values) as SqlRow[];
    prepared.run(values);
    return [];
  }

  const transactions = performing(fromLibsql(database), () => (work) => performNow(work, ask));
  return {
    dialect: 'sqlite',
    description: file === ':memory:' ? 'SQLite in memory' : `SQLite, ${file}`,
    transactions,
    read: (work) => Promise.resolve().then(() => performNow(work, ask)),
    write: (work) => writeThrough(transactions, work),
    close() {
      database.close();
      return Promise.resolve();
    },
  };
}
