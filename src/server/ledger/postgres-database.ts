import { Pool } from 'pg';
import { fromPg } from '../../stores/database/index.js';
import { performing, writeThrough, type LedgerDatabase } from './ledger-database.js';
import { performLater, type Query, type SqlRow } from './work.js';

const SETTINGS = {
  max: 10,
  connectionTimeoutMillis: 5_000,
  // A process that freezes in a transaction must not hold its rows for ever.
  idle_in_transaction_session_timeout: 30_000,
} as const;
/** PostgreSQL's type `bigint`, of which the ledger has none that is null. */
const BIGINT = 20;

/** The part of `pg` that sends statements. */
interface Sender {
  query(
    sql: string,
    values: unknown[],
  ): Promise<{
    readonly rows: readonly SqlRow[];
    readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  }>;
}

/**
 * Opens a pool of connections. PostgreSQL may be away; it is connected to when it is needed.
 *
 * @param onError - told about connections that were lost while they were idle
 */
export function openPostgres(url: string, onError: (error: Error) => void): LedgerDatabase {
  const pool = new Pool({ connectionString: url, ...SETTINGS });
  pool.on('error', onError);
  const transactions = performing(
    fromPg(pool),
    (client) => (work) => performLater(work, (query) => ask(client, query)),
  );
  return {
    dialect: 'postgres',
    description: `PostgreSQL at ${withoutPassword(url)}`,
    transactions,
    read: (work) => performLater(work, (query) => ask(pool, query)),
    write: (work) => writeThrough(transactions, work),
    close: () => pool.end(),
  };
}

async function ask(sender: Sender, { sql, values, locks }: Query): Promise<readonly SqlRow[]> {
  let count = 0;
  const numbered = sql.replaceAll('?', () => `$${String((count += 1))}`);
  const asked = locks ? `${numbered} FOR UPDATE` : numbered;
  const { rows, fields } = await sender.query(asked, [...values]);
  // The driver gives them as text. Amounts and times are far from where numbers are no longer exact.
  const bigints = fields.filter(({ dataTypeID }) => dataTypeID === BIGINT).map(({ name }) => name);
  if (bigints.length === 0) return rows;
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(bigints.map((name) => [name, Number(row[name])])),
  }));
}

function withoutPassword(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
