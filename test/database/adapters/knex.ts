import createKnex, { type Knex } from 'knex';

import { fromKnex } from '../../../src/stores/database/index.js';
import type { Library, Opened, Payment, Same, TransactionOf } from './library.js';
import { mariaDbAt } from './mariadb.js';
import { postgresAt } from './postgres.js';

const takesItsTypes: Same<
  TransactionOf<ReturnType<typeof fromKnex<Knex>>>,
  Knex.Transaction
> = true;

/** Knex over `pg`. */
export const knexPostgres: Library = {
  name: 'fromKnex',
  commit: 'COMMIT',
  wrong: [
    () => fromKnex(null as never),
    () => fromKnex({ transaction: () => takesItsTypes }),
    () => fromKnex(createKnex({ client: 'mssql' })),
  ],
  open: ({ port, max }) =>
    opened(createKnex({ client: 'pg', connection: postgresAt(port), pool: { min: 0, max } })),
};

/** Knex over `mysql2`. */
export const knexMysql: Library = {
  ...knexPostgres,
  name: 'fromKnex over mysql2',
  open: ({ port, max }) => {
    const knex = createKnex({
      ...{ client: 'mysql2', connection: mariaDbAt(port), pool: { min: 0, max } },
    });
    return {
      ...opened(knex),
      async pay(trx: Knex.Transaction) {
        const [id = 0] = await trx<Payment>('payments').insert({ amount: 5 });
        return { id, amount: 5 };
      },
    };
  },
};

function opened(knex: Knex): Opened<Knex.Transaction> {
  return {
    database: fromKnex(knex),
    withTable: (table) => fromKnex(knex, { table }),
    async pay(trx) {
      const [payment] = await trx<Payment>('payments')
        .insert({ amount: 5 })
        .returning(['id', 'amount']);
      return payment as Payment;
    },
    send: async (trx, sql) => (await trx.raw<{ rows: unknown[] }>(sql)).rows,
    fromOpen: (trx) => fromKnex(trx),
    close: () => knex.destroy(),
  };
}
