import { isPromise } from '../../../core/async/awaitable.js';
import type {
  IdempotentDatabase,
  SqlQuery,
  SqlRow,
} from '../../../core/database/idempotent-database.js';
import { alreadyOpen, asyncBody, tableOf, type DatabaseOptions } from '../adapter-options.js';

/** The methods that are called on a statement of `better-sqlite3`. */
export interface SqliteStatementLike {
  readonly reader: boolean;
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): unknown;
}

/**
 * The methods that are called on a database of `better-sqlite3`, or of `libsql`, which has the same.
 */
export interface SqliteLike {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatementLike;
  exec(sql: string): unknown;
}

/**
 * SQLite on a connection that answers at once.
 *
 * Invariant: between BEGIN and COMMIT nothing is awaited. The connection is everybody's, and what
 * somebody else did meanwhile would be in this transaction, and be rolled back with it.
 */
export function sqliteDatabase<TDatabase extends SqliteLike>(
  name: string,
  adapter: string,
  database: TDatabase,
  options: DatabaseOptions,
): IdempotentDatabase<TDatabase> {
  const query = queryOf(database);
  return {
    name,
    dialect: 'sqlite',
    table: tableOf(adapter, options),
    run(body) {
      if (isOpen(database)) throw alreadyOpen(adapter);
      // Whoever reads first and then writes may find that another process has written.
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = body({ transaction: database, query });
        if (isPromise(result)) {
          result.catch(() => undefined);
          throw asyncBody(adapter, name);
        }
        database.exec('COMMIT');
        return result;
      } finally {
        if (isOpen(database)) database.exec('ROLLBACK');
      }
    },
    query(sql, parameters) {
      // Somebody's transaction may be open while that somebody awaits: a claim in it would go with it.
      if (isOpen(database)) throw alreadyOpen(adapter);
      return query(sql, parameters);
    },
  };
}

function queryOf(database: SqliteLike): SqlQuery {
  // There are as many as the library has statements.
  const statements = new Map<string, SqliteStatementLike>();
  return (sql, parameters) => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    if (statement.reader) return statement.all(...parameters) as SqlRow[];
    statement.run(...parameters);
    return [];
  };
}

/** It changes with each statement, which a compiler cannot know. */
function isOpen(database: SqliteLike): boolean {
  return database.inTransaction;
}
