import { Kysely, PostgresDialect, sql, type Generated, type Transaction } from 'kysely';
import { Pool } from 'pg';

import { fromKysely } from '../../../src/stores/database/index.js';
import type { Library, Opened, Same, TransactionOf } from './library.js';
import { postgresAt } from './postgres.js';

interface Tables {
  payments: { id: Generated<number>; amount: number };
}

const takesItsTypes: Same<
  TransactionOf<ReturnType<typeof fromKysely<Kysely<Tables>>>>,
  Transaction<Tables>
> = true;

/** Kysely over `pg`. */
export const kyselyPostgres: Library = {
  name: 'fromKysely',
  commit: 'commit',
  wrong: [
    () => fromKysely(null as never),
    () => fromKysely({ transaction: () => ({ execute: () => takesItsTypes }) }),
  ],
  open: ({ port, max }) => {
    const pool = new Pool({ ...postgresAt(port), max });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return opened(new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }));
  },
};

function opened(db: Kysely<Tables>): Opened<Transaction<Tables>> {
  return {
    database: fromKysely(db),
    withTable: (table) => fromKysely(db, { table }),
    pay: (trx) =>
      trx
        .insertInto('payments')
        .values({ amount: 5 })
        .returning(['id', 'amount'])
        .executeTakeFirstOrThrow(),
    send: async (trx, text) => (await sql.raw(text).execute(trx)).rows,
    fromOpen: (trx) => fromKysely(trx),
    close: () => db.destroy(),
  };
}
