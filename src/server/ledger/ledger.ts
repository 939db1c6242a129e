import { checkDatabase } from '../../stores/database/index.js';
import type { LedgerDatabase } from './ledger-database.js';
import { openPostgres } from './postgres-database.js';
import { openSqlite } from './sqlite-database.js';
import { prepareTables } from './tables.js';

/** The location of the ledger. */
export interface LedgerPlace {
  /** PostgreSQL; unset: {@link LedgerPlace.databaseFile}. */
  readonly databaseUrl: string | undefined;
  /** An SQLite file, or `:memory:`. */
  readonly databaseFile: string;
}

/**
 * Opens a double-entry ledger, and creates what is missing.
 *
 * @param onError - told about connections that were lost
 * @throws Error when the database cannot be reached, or has other tables
 */
export async function openLedger(
  { databaseUrl, databaseFile }: LedgerPlace,
  onError: (error: Error) => void = () => undefined,
): Promise<LedgerDatabase> {
  const database =
    databaseUrl === undefined ? openSqlite(databaseFile) : openPostgres(databaseUrl, onError);
  try {
    await database.write(prepareTables(database.dialect, Date.now()));
    await checkDatabase(database.transactions);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
