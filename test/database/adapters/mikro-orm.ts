import { EntitySchema } from '@mikro-orm/core';
import { MikroORM as MikroOrmOfMariaDb } from '@mikro-orm/mariadb';
import { MikroORM } from '@mikro-orm/postgresql';

import { fromMikroOrm } from '../../../src/stores/database/index.js';
import type { Library, Opened, Payment, Same, TransactionOf } from './library.js';
import { mariaDbAt } from './mariadb.js';
import { postgresAt } from './postgres.js';

/** A payment as MikroORM sees it. */
export interface PaymentEntity {
  id: number;
  amount: number;
}

/** The schema of {@link PaymentEntity}. */
export const payments = new EntitySchema<PaymentEntity>({
  name: 'Payment',
  tableName: 'payments',
  properties: {
    id: { type: 'number', primary: true },
    amount: { type: 'number' },
  },
});

type EntityManager = MikroORM['em'];

const takesItsTypes: Same<
  TransactionOf<ReturnType<typeof fromMikroOrm<MikroORM>>>,
  EntityManager
> = true;

const common = { entities: [payments], ensureDatabase: false };

/** MikroORM over `pg`. */
export const mikroOrmPostgres: Library = {
  name: 'fromMikroOrm',
  commit: 'COMMIT',
  wrong: [
    () => fromMikroOrm(null as never),
    () => fromMikroOrm({ em: takesItsTypes }),
    () => fromMikroOrm({ em: { transactional: () => takesItsTypes } }),
  ],
  open: async ({ port, max }) => opened(await openMikroOrm(port, max)),
};

/** MikroORM over the driver of MariaDB. */
export const mikroOrmMariaDb: Library = {
  ...mikroOrmPostgres,
  name: 'fromMikroOrm over mariadb',
  async open({ port, max }) {
    const { database: dbName, ...target } = mariaDbAt(port);
    const pool = { min: 0, max };
    return opened((await MikroOrmOfMariaDb.init({ ...target, dbName, pool, ...common })) as never);
  },
};

/** What {@link openMikroOrm} opens. */
export type OpenMikroOrm = Awaited<ReturnType<typeof openMikroOrm>>;

/** A MikroORM of the PostgreSQL of a test. */
export function openMikroOrm(port: number, max = 10) {
  const { database: dbName, ...target } = postgresAt(port);
  return MikroORM.init({ ...target, dbName, pool: { min: 0, max }, ...common });
}

function opened(orm: OpenMikroOrm): Opened<EntityManager> {
  return {
    database: fromMikroOrm(orm),
    withTable: (table) => fromMikroOrm(orm, { table }),
    async pay(em) {
      const payment = em.create(payments, { amount: 5 } as Payment);
      await em.persist(payment).flush();
      return { id: payment.id, amount: payment.amount };
    },
    send: (em, sql) => em.execute(sql),
    fromOpen: (em) => fromMikroOrm(em as never),
    close: () => orm.close(true),
  };
}
