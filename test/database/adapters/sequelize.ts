import { QueryTypes, Sequelize, type Transaction } from 'sequelize';

import { fromSequelize } from '../../../src/stores/database/index.js';
import type { Library, Opened, Payment, Same, TransactionOf } from './library.js';
import { mariaDbAt } from './mariadb.js';
import { postgresAt } from './postgres.js';

const takesItsTypes: Same<
  TransactionOf<ReturnType<typeof fromSequelize<Sequelize>>>,
  Transaction
> = true;

/** Sequelize over `pg`. */
export const sequelizePostgres: Library = {
  name: 'fromSequelize',
  commit: 'COMMIT',
  wrong: [
    () => fromSequelize(null as never),
    () => fromSequelize({ transaction: () => takesItsTypes }),
  ],
  open({ port, max }) {
    const { user: username, ...target } = postgresAt(port);
    return opened(
      new Sequelize({
        ...{ dialect: 'postgres', ...target, username },
        ...{ logging: false, pool: { max, acquire: 60_000 } },
      }),
    );
  },
};

/** Sequelize over `mysql2`. */
export const sequelizeMysql: Library = {
  ...sequelizePostgres,
  name: 'fromSequelize over mysql2',
  open({ port, max }) {
    const { user: username, ...target } = mariaDbAt(port);
    const sequelize = new Sequelize({
      ...{ dialect: 'mysql', ...target, username },
      ...{ logging: false, pool: { max, acquire: 60_000 } },
    });
    return {
      ...opened(sequelize),
      async pay(transaction: Transaction) {
        const insert = 'INSERT INTO payments (amount) VALUES ($1)';
        const [id] = await sequelize.query(insert, {
          ...{ bind: [5], transaction, type: QueryTypes.INSERT },
        });
        return { id, amount: 5 };
      },
    };
  },
};

function opened(sequelize: Sequelize): Opened<Transaction> {
  return {
    database: fromSequelize(sequelize),
    withTable: (table) => fromSequelize(sequelize, { table }),
    async pay(transaction) {
      const insert = 'INSERT INTO payments (amount) VALUES ($1) RETURNING id, amount';
      const [[payment]] = await sequelize.query(insert, { bind: [5], transaction });
      return payment as Payment;
    },
    send: (transaction, sql) => sequelize.query(sql, { transaction }),
    fromOpen: (transaction) => fromSequelize(transaction as never),
    close: () => sequelize.close(),
  };
}
