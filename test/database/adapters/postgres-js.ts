import postgres from 'postgres';

import { fromPostgresJs } from '../../../src/stores/database/index.js';
import type { Library, Opened, Payment, Same, TransactionOf } from './library.js';
import { postgresAt } from './postgres.js';

type Sql = postgres.Sql;

const takesItsTypes: Same<
  TransactionOf<ReturnType<typeof fromPostgresJs<Sql>>>,
  postgres.TransactionSql
> = true;

/** Postgres.js. */
export const postgresJs: Library = {
  name: 'fromPostgresJs',
  commit: 'commit',
  wrong: [
    () => fromPostgresJs(null as never),
    () => fromPostgresJs({ begin: () => takesItsTypes }),
  ],
  open: ({ port, max }) =>
    opened(postgres({ ...postgresAt(port), max, onnotice: () => undefined })),
};

function opened(sql: Sql): Opened<postgres.TransactionSql> {
  return {
    database: fromPostgresJs(sql),
    withTable: (table) => fromPostgresJs(sql, { table }),
    async pay(tx) {
      const [payment] = await tx<Payment[]>`
        INSERT INTO payments (amount) VALUES (${5}) RETURNING id, amount`;
      return payment as Payment;
    },
    send: async (tx, text) => [...(await tx.unsafe(text))],
    fromOpen: (tx) => fromPostgresJs(tx as never),
    // It would wait for ever for a transaction whose connection was lost in COMMIT.
    close: () => sql.end({ timeout: 1 }),
  };
}
