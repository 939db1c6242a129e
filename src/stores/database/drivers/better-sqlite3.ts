import type { IdempotentDatabase } from '../../../core/database/idempotent-database.js';
import { adapterError, hasMethod, type DatabaseOptions } from '../adapter-options.js';
import { sqliteDatabase, type SqliteLike } from './sqlite.js';

/**
 * SQLite through `better-sqlite3`: the body gets the `Database`, and must not be async.
 *
 * @param database - an open `Database`
 */
export function fromBetterSqlite3<TDatabase extends SqliteLike>(
  database: TDatabase,
  options: DatabaseOptions = {},
): IdempotentDatabase<TDatabase> {
  if (!hasMethod(database, 'prepare') || !hasMethod(database, 'exec')) {
    throw adapterError('fromBetterSqlite3', 'a Database of better-sqlite3');
  }
  return sqliteDatabase('better-sqlite3', 'fromBetterSqlite3', database, options);
}
