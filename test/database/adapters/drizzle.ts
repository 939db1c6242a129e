import { sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { int, mysqlTable } from 'drizzle-orm/mysql-core';
import { drizzle as drizzleOverMysql2, type MySql2Database } from 'drizzle-orm/mysql2';
import { integer, pgTable, serial } from 'drizzle-orm/pg-core';
import { drizzle as drizzleOverPostgresJs } from 'drizzle-orm/postgres-js';
import { createPool } from 'mysql2/promise';
import { Pool } from 'pg';
import postgres from 'postgres';

import { fromDrizzle } from '../../../src/stores/database/index.js';
import type { Library, Opened, Payment, Same, TransactionOf } from './library.js';
import { mariaDbAt } from './mariadb.js';
import { postgresAt } from './postgres.js';

const payments = pgTable('payments', {
  id: serial().primaryKey(),
  amount: integer().notNull(),
});

type Transaction = Parameters<Parameters<NodePgDatabase['transaction']>[0]>[0];

const takesItsTypes: Same<
  TransactionOf<ReturnType<typeof fromDrizzle<NodePgDatabase>>>,
  Transaction
> = true;

/** Drizzle over `pg`. */
export const drizzlePg: Library = {
  name: 'fromDrizzle over pg',
  commit: 'commit',
  wrong: [
    () => fromDrizzle(null as never, { sql }),
    () => fromDrizzle({ transaction: () => takesItsTypes }, { sql }),
    () => fromDrizzle(drizzle.mock(), {} as never),
    () => fromDrizzle(drizzle.mock(), undefined as never),
  ],
  open: ({ port, max }) => {
    const pool = new Pool({ ...postgresAt(port), max });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return opened(drizzle(pool), () => pool.end());
  },
};

/** Drizzle over Postgres.js. */
export const drizzlePostgresJs: Library = {
  ...drizzlePg,
  name: 'fromDrizzle over Postgres.js',
  open: ({ port, max }) => {
    const client = postgres({ ...postgresAt(port), max, onnotice: () => undefined });
    return opened(drizzleOverPostgresJs(client) as never, () => client.end({ timeout: 1 }));
  },
};

const paymentsInMysql = mysqlTable('payments', {
  id: int().autoincrement().primaryKey(),
  amount: int().notNull(),
});

type MysqlTransaction = Parameters<Parameters<MySql2Database['transaction']>[0]>[0];

/** Drizzle over `mysql2`. */
export const drizzleMysql: Library = {
  ...drizzlePg,
  name: 'fromDrizzle over mysql2',
  open: ({ port, max }) => {
    const pool = createPool({ ...mariaDbAt(port), connectionLimit: max });
    const db = drizzleOverMysql2(pool);
    return {
      database: fromDrizzle(db, { sql }),
      withTable: (table) => fromDrizzle(db, { sql, table }),
      async pay(tx: MysqlTransaction) {
        const [{ insertId }] = await tx.insert(paymentsInMysql).values({ amount: 5 });
        return { id: insertId, amount: 5 };
      },
      send: async (tx, text) => tx.execute(sql.raw(text)),
      fromOpen: (tx) => fromDrizzle(tx, { sql }),
      close: () => pool.end(),
    } satisfies Opened<MysqlTransaction>;
  },
};

function opened(db: NodePgDatabase, close: () => Promise<void>): Opened<Transaction> {
  return {
    database: fromDrizzle(db, { sql }),
    withTable: (table) => fromDrizzle(db, { sql, table }),
    async pay(tx) {
      const [payment] = await tx.insert(payments).values({ amount: 5 }).returning();
      return payment as Payment;
    },
    send: async (tx, text) => tx.execute(sql.raw(text)),
    fromOpen: (tx) => fromDrizzle(tx, { sql }),
    close,
  };
}
