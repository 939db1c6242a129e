import { DataSource, EntitySchema, type EntityManager } from 'typeorm';

import { fromTypeOrm } from '../../../src/stores/database/index.js';
import type { Library, Opened, Payment, Same, TransactionOf } from './library.js';
import { mariaDbAt } from './mariadb.js';
import { postgresAt } from './postgres.js';

// TypeORM has a class for these options, and is documented with literals.
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
const payments = new EntitySchema<Payment>({
  name: 'payments',
  columns: {
    id: { type: Number, primary: true, generated: true },
    amount: { type: Number },
  },
});

const takesItsTypes: Same<
  TransactionOf<ReturnType<typeof fromTypeOrm<DataSource>>>,
  EntityManager
> = true;

/** TypeORM over `pg`. */
export const typeOrmPostgres: Library = {
  name: 'fromTypeOrm',
  commit: 'COMMIT',
  wrong: [() => fromTypeOrm(null as never), () => fromTypeOrm({ manager: takesItsTypes })],
  async open({ port, max }) {
    const { user: username, ...target } = postgresAt(port);
    const dataSource = new DataSource({
      ...{ type: 'postgres', ...target, username, poolSize: max, entities: [payments] },
      poolErrorHandler: () => undefined,
    });
    return opened(await dataSource.initialize());
  },
};

/** TypeORM over `mysql2`. */
export const typeOrmMysql: Library = {
  ...typeOrmPostgres,
  name: 'fromTypeOrm over mysql2',
  async open({ port, max }) {
    const { user: username, ...target } = mariaDbAt(port);
    const dataSource = new DataSource({
      ...{ type: 'mariadb', ...target, username, poolSize: max, entities: [payments] },
    });
    return opened(await dataSource.initialize());
  },
};

function opened(dataSource: DataSource): Opened<EntityManager> {
  return {
    database: fromTypeOrm(dataSource),
    withTable: (table) => fromTypeOrm(dataSource, { table }),
    pay: (manager) => manager.getRepository(payments).save({ amount: 5 }),
    send: (manager, sql) => manager.query(sql),
    fromOpen: (manager) => fromTypeOrm(manager as never),
    close: () => dataSource.destroy(),
  };
}
