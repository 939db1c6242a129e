import { sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { integer, pgTable, serial } from 'drizzle-orm/pg-core';
import { drizzle as drizzleOverPostgresJs } from 'drizzle-orm/postgres-js';
import { Pool } from 'pg';
import postgres from 'postgres';

import { fromDrizzle } from '../../../src/stores/database/index.js';
import type { Library, Opened, Payment, Same, TransactionOf } from './library.js';
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
