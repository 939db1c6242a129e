import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { IdempotentDatabase } from '../core/database/idempotent-database.js';
import { messageOf } from '../core/values/message-of.js';
import { fromBetterSqlite3, fromMysql2, fromPg } from '../stores/database/index.js';
import type { Mysql2ConnectionLike, Mysql2PoolLike } from '../stores/database/drivers/mysql2.js';
import type { PgPoolLike } from '../stores/database/drivers/pg.js';
import type { PgClientLike } from '../stores/database/drivers/pg-transaction.js';
import type { SqliteLike } from '../stores/database/drivers/sqlite.js';
import { UsageError } from './options/usage-error.js';

/** A database that a command works with. */
export interface OpenDatabase {
  readonly database: IdempotentDatabase<unknown>;
  readonly close: () => Promise<void>;
}

/** The longest time for a server to accept a connection, in milliseconds. */
const CONNECT_MS_MAX = 10_000;

interface PgModule {
  readonly Pool: new (options: object) => PgPoolLike<PgClientLike> & {
    on(event: 'error', listener: (error: Error) => void): unknown;
    end(): Promise<void>;
  };
}

interface Mysql2Module {
  readonly createPool: (
    options: object,
  ) => Mysql2PoolLike<Mysql2ConnectionLike> & { end(): Promise<void> };
}

type SqliteModule = new (file: string) => SqliteLike & { close(): unknown };

/**
 * Opens a database by the driver that is installed for it.
 *
 * @param named - a URL, or the file of an SQLite database
 * @throws UsageError when the driver or the file is missing, or the URL is of something else
 */
export function openDatabase(named: string, table: string | undefined): OpenDatabase {
  const [scheme] = /^[a-z][a-z0-9+.-]+(?=:)/i.exec(named) ?? [];
  switch (scheme?.toLowerCase()) {
    case 'postgres':
    case 'postgresql':
      return openPostgres(named, table);
    case 'mysql':
    case 'mariadb':
      return openMysql(named.replace(/^mariadb:/i, 'mysql:'), table);
    case 'file':
    case undefined:
      return openSqlite(named, table);
    default:
      // Not repeated as a whole: it may hold a password.
      throw new UsageError(
        `--database takes postgres:// and mysql:// URLs and files of SQLite, not ${scheme ?? ''}: URLs. ` +
          'For others, pruneOutcomes(database) of graphql-idempotency/database does the same.',
      );
  }
}

function openPostgres(url: string, table: string | undefined): OpenDatabase {
  const { Pool } = load('pg', ['pg']) as PgModule;
  const pool = new Pool({ connectionString: url, max: 1, connectionTimeoutMillis: CONNECT_MS_MAX });
  // An idle connection that is lost is opened anew.
  pool.on('error', () => undefined);
  return { database: adapterOf(() => fromPg(pool, { table })), close: () => pool.end() };
}

function openMysql(uri: string, table: string | undefined): OpenDatabase {
  const { createPool } = load('MySQL', ['mysql2/promise']) as Mysql2Module;
  const pool = createPool({ uri, connectionLimit: 1, connectTimeout: CONNECT_MS_MAX });
  return { database: adapterOf(() => fromMysql2(pool, { table })), close: () => pool.end() };
}

function openSqlite(named: string, table: string | undefined): OpenDatabase {
  const file = /^file:\/\//i.test(named) ? fileURLToPath(named) : named.replace(/^file:/i, '');
  // The drivers would create it.
  if (!existsSync(file)) throw new UsageError(`There is no file ${JSON.stringify(file)}.`);
  const Database = load('SQLite', ['better-sqlite3', 'libsql']) as SqliteModule;
  const database = new Database(file);
  return {
    database: adapterOf(() => fromBetterSqlite3(database, { table })),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

/** @throws UsageError when the name of the table is none */
function adapterOf<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new UsageError(`--${messageOf(error)}`);
  }
}

function load(what: string, drivers: readonly string[]): unknown {
  const packages = drivers.map((driver) => driver.replace('/promise', ''));
  const require = createRequire(__filename);
  let last: unknown;
  for (const driver of drivers) {
    try {
      return require(driver) as unknown;
    } catch (error) {
      last = error;
    }
  }
  throw new UsageError(
    `For ${what} this needs the package ${packages.join(' or ')}: npm install ${packages.join(', or npm install ')}. ${messageOf(last)}`,
  );
}
