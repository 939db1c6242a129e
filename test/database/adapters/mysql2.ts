import { createPool as createCallbackPool } from 'mysql2';
import { createPool, type Pool, type PoolConnection, type ResultSetHeader } from 'mysql2/promise';

import { fromMysql2 } from '../../../src/stores/database/index.js';
import type { Library, Opened, Same, TransactionOf } from './library.js';
import { mariaDbAt } from './mariadb.js';

const takesItsTypes: Same<
  TransactionOf<ReturnType<typeof fromMysql2<PoolConnection>>>,
  Awaited<ReturnType<Pool['getConnection']>>
> = true;

/** mysql2, with settings that change what its rows look like. */
export const mysql2: Library = {
  name: 'fromMysql2',
  commit: 'COMMIT',
  wrong: [
    () => fromMysql2(null as never),
    () => fromMysql2({ getConnection: () => takesItsTypes } as never),
    () => fromMysql2(createCallbackPool({}) as never),
  ],
  open: ({ port, max }) =>
    opened(
      createPool({ ...mariaDbAt(port), connectionLimit: max, rowsAsArray: true, typeCast: false }),
    ),
};

function opened(pool: Pool): Opened<PoolConnection> {
  return {
    database: fromMysql2(pool),
    withTable: (table) => fromMysql2(pool, { table }),
    async pay(connection) {
      const insert = 'INSERT INTO payments (amount) VALUES (?)';
      const [{ insertId }] = await connection.query<ResultSetHeader>(insert, [5]);
      return { id: insertId, amount: 5 };
    },
    send: (connection, sql) => connection.query(sql),
    fromOpen: (connection) => fromMysql2(connection as never),
    close: () => pool.end(),
  };
}
