import {
  Kysely,
  MssqlDialect,
  MysqlDialect,
  PostgresDialect,
  SqliteDialect,
  sql,
  type Generated,
  type Transaction,
} from 'kysely';
import { createPool } from 'mysql2';
import { Pool } from 'pg';

import { fromKysely } from '../../../src/stores/database/index.js';
import type { Library, Opened, Same, TransactionOf } from './library.js';
import { mariaDbAt } from './mariadb.js';
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
    () => fromKysely(new Kysely({ dialect: new SqliteDialect({ database: null as never }) })),
    () => fromKysely(new Kysely({ dialect: new MssqlDialect({} as never) })),
  ],
  open: ({ port, max }) => {
    const pool = new Pool({ ...postgresAt(port), max });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return opened(new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }));
  },
};

/** Kysely over `mysql2`. */
export const kyselyMysql: Library = {
  ...kyselyPostgres,
  name: 'fromKysely over mysql2',
  open: ({ port, max }) => {
    const pool = createPool({ ...mariaDbAt(port), connectionLimit: max });
    return {
      ...opened(new Kysely<Tables>({ dialect: new MysqlDialect({ pool }) })),
      async pay(trx: Transaction<Tables>) {
        const insert = trx.insertInto('payments').values({ amount: 5 });
        return { id: Number((await insert.executeTakeFirstOrThrow()).insertId), amount: 5 };
      },
    };
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
