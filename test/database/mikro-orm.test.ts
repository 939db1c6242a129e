import { wrap } from '@mikro-orm/postgresql';

import { fromMikroOrm, outcomeTable } from '../../src/stores/database/index.js';
import { describeAdapters } from './adapters/battery.js';
import {
  mikroOrmPostgres,
  openMikroOrm,
  payments,
  type OpenMikroOrm,
  type PaymentEntity,
} from './adapters/mikro-orm.js';
import { postgresServer } from './adapters/postgres.js';
import type { Server } from './adapters/library.js';
import { send } from './requests.js';

describeAdapters(postgresServer, [mikroOrmPostgres]);

describe('the EntityManager that the body of fromMikroOrm gets', () => {
  let server: Server;
  let orm: OpenMikroOrm;

  beforeAll(async () => {
    server = await postgresServer();
    for (const sql of [outcomeTable('postgres'), ...server.tables]) await server.query(sql);
    orm = await openMikroOrm(server.port);
  }, 120_000);

  afterAll(async () => {
    await orm.close(true);
    await server.stop();
  });

  beforeEach(() => server.query('TRUNCATE payments, graphql_idempotency'));

  const amounts = async (): Promise<unknown> =>
    (await server.query('SELECT amount FROM payments ORDER BY amount')).map((row) => row['amount']);

  const paymentOf = (amount: number): PaymentEntity => ({ amount }) as PaymentEntity;

  it('is flushed when the body has returned, whose error then is its own, and final', async () => {
    const tries: number[] = [];
    const pay = (amount: number | undefined): Promise<number> =>
      send(({ transaction }) =>
        transaction(fromMikroOrm(orm), (em, { tryNumber }) => {
          tries.push(tryNumber);
          em.persist(em.create(payments, { amount } as PaymentEntity));
          return tryNumber;
        }),
      );
    // In the commit it would be taken for one whose reply was lost.
    await expect(pay(undefined)).rejects.toThrow('amount is required');
    expect(await amounts()).toEqual([]);
    await pay(5);
    await pay(5);
    expect(await amounts()).toEqual([5]);
    expect(tries).toEqual([1, 1]);
  });

  it('has an identity map of its own in each try, and leaves those of others as they were', async () => {
    const own = orm.em.fork();
    const pending = own.create(payments, paymentOf(7));
    own.persist(pending);
    const seen: number[] = [];
    await send(({ transaction }) =>
      transaction(
        fromMikroOrm(orm),
        async (em, { tryNumber }) => {
          seen.push(em.getUnitOfWork().getIdentityMap().keys().length);
          await em.persist(em.create(payments, paymentOf(5))).flush();
          await em.execute('SELECT count FROM counters WHERE id = 1');
          if (tryNumber < 3) await server.query('UPDATE counters SET count = 10 WHERE id = 1');
          await em.execute('UPDATE counters SET count = count + 1 WHERE id = 1');
        },
        { isolation: 'REPEATABLE READ' },
      ),
    );
    expect(seen).toEqual([0, 0, 0]);
    expect(own.getUnitOfWork().getIdentityMap().keys()).toEqual([]);
    const global = orm.em.getUnitOfWork(false);
    expect(global.getIdentityMap().keys()).toEqual([]);
    expect([...own.getUnitOfWork().getPersistStack()]).toEqual([pending]);
    expect(await amounts()).toEqual([5]);
  });

  it('stands in for the global one, which is in the transaction too', async () => {
    const failing = send(({ transaction }) =>
      transaction(fromMikroOrm(orm), async () => {
        await orm.em.persist(orm.em.create(payments, paymentOf(5))).flush();
        throw new RangeError('declined');
      }),
    );
    await expect(failing).rejects.toThrow(RangeError);
    expect(await amounts()).toEqual([]);
  });

  it('rolls back if an entity is returned, which cannot be kept, and keeps its plain object', async () => {
    const pay = (give: (payment: PaymentEntity) => unknown): Promise<unknown> =>
      send(({ transaction }) =>
        transaction(fromMikroOrm(orm), async (em) => {
          const payment = em.create(payments, paymentOf(5));
          await em.persist(payment).flush();
          return give(payment);
        }),
      );
    await expect(pay((payment) => payment)).rejects.toThrow('was rolled back');
    expect(await amounts()).toEqual([]);
    expect(await pay((payment) => wrap(payment).toObject())).toMatchObject({ amount: 5 });
  });

  it('is not given to a body within a transaction of MikroORM, whose commit another makes', async () => {
    const body = jest.fn();
    await orm.em.transactional(async () => {
      const refused = send(({ transaction }) => transaction(fromMikroOrm(orm), body));
      await expect(refused).rejects.toThrow('an open transaction');
    });
    expect(body).not.toHaveBeenCalled();
  });
});
