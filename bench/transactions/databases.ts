import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { Pool, type PoolClient } from 'pg';
import type { Execution } from '../../src/index.js';
import { fromLibsql, fromPg, outcomeTable } from '../../src/stores/database/index.js';
import { startPostgres } from '../../test/support/postgres-server.js';

/** A database in which the same payment is made without an outcome, and with one in each way there is. */
export interface Payments {
  readonly pay: () => Promise<unknown>;
  readonly waysToPayOnce: Readonly<Record<string, (execution: Execution) => Promise<unknown>>>;
  readonly close: () => Promise<void>;
}

const TABLES = [
  'CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL)',
  'CREATE TABLE payments (id int, account int NOT NULL, amount int NOT NULL)',
];
const ACCOUNTS = 1_000;
const RAISE = 'UPDATE accounts SET balance = balance - 5 WHERE id = ';
const INSERT = 'INSERT INTO payments (account, amount) VALUES ';

/** PostgreSQL, which does not wait for the disk: that would hide what an outcome takes. */
export function openPostgres(): Promise<Payments> {
  return open({}, async (client, account) => {
    await client.query(`${RAISE}$1`, [account]);
  });
}

/** A payment as most are: it looks before it pays, and its commit waits for the disk. */
export function openPostgresOnDisk(): Promise<Payments> {
  return open({ fsync: 'on', synchronous_commit: 'on' }, async (client, account) => {
    await client.query('SELECT balance FROM accounts WHERE id = $1 FOR UPDATE', [account]);
    await client.query(`${RAISE}$1`, [account]);
  });
}

async function open(
  settings: Readonly<Record<string, string>>,
  take: (client: PoolClient, account: number) => Promise<void>,
): Promise<Payments> {
  const server = await startPostgres(settings);
  for (const sql of [...TABLES, outcomeTable('postgres')]) await server.query(sql);
  await server.query(`INSERT INTO accounts SELECT n, 0 FROM generate_series(0, ${ACCOUNTS}) AS n`);
  const pool = new Pool({ connectionString: server.url, max: 20 });
  pool.on('error', () => undefined);
  const database = fromPg(pool);
  const preparing = fromPg(pool, { preparedStatements: true });
  const body = async (client: PoolClient): Promise<unknown> => {
    const account = accountOf();
    await take(client, account);
    const insert = `${INSERT}($1, $2) RETURNING account, amount`;
    return (await client.query<{ account: number; amount: number }>(insert, [account, 5])).rows[0];
  };
  return {
    async pay() {
      const client = await pool.connect();
      await client.query('BEGIN');
      const payment = await body(client);
      await client.query('COMMIT');
      client.release();
      return payment;
    },
    waysToPayOnce: {
      '': ({ transaction }) => transaction(database, body),
      ', prepared statements': ({ transaction }) => transaction(preparing, body),
    },
    async close() {
      await pool.end();
      await server.stop();
    },
  };
}

/** SQLite in a file, with a write-ahead log. */
export function openSqlite(): Promise<Payments> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-transactions-'));
  const sqlite = new Libsql(join(folder, 'payments.db'));
  sqlite.pragma('journal_mode = WAL');
  for (const sql of [...TABLES, outcomeTable('sqlite')]) sqlite.exec(sql);
  const account = sqlite.prepare('INSERT INTO accounts VALUES (?, 0)');
  for (let id = 0; id < ACCOUNTS; id += 1) account.run(id);
  const raise = sqlite.prepare(`${RAISE}?`);
  const insert = sqlite.prepare(`${INSERT}(?, ?) RETURNING account, amount`);
  const database = fromLibsql(sqlite);
  const body = (): unknown => {
    const paying = accountOf();
    raise.run(paying);
    return { ...(insert.get(paying, 5) as object) };
  };
  return Promise.resolve({
    pay() {
      sqlite.exec('BEGIN IMMEDIATE');
      const payment = body();
      sqlite.exec('COMMIT');
      return Promise.resolve(payment);
    },
    waysToPayOnce: { '': ({ transaction }) => transaction(database, body) },
    close() {
      sqlite.close();
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  });
}

function accountOf(): number {
  return Math.floor(Math.random() * ACCOUNTS);
}
