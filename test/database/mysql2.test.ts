import { createPool, type Pool, type PoolConnection, type ResultSetHeader } from 'mysql2/promise';

import type { Execution } from '../../src/index.js';
import { outcomeTable } from '../../src/core/database/outcome-table.js';
import { fromMysql2, pruneOutcomes } from '../../src/stores/database/index.js';
import { codeOf, deferred } from '../support/executions.js';
import { startMariaDb, type MariaDbServer } from '../support/mariadb-server.js';
import { until } from '../support/until.js';
import { send } from './requests.js';

/** What MySQL and MariaDB do otherwise than PostgreSQL. */
describe('a transaction in MariaDB through mysql2 (G30)', () => {
  let server: MariaDbServer;
  let pool: Pool;

  beforeAll(async () => {
    server = await startMariaDb({ 'innodb-lock-wait-timeout': 7 });
    await server.query(outcomeTable('mysql'));
    await server.query('CREATE TABLE payments (id int AUTO_INCREMENT PRIMARY KEY, amount int)');
    await server.query('CREATE TABLE counters (id int PRIMARY KEY, count int NOT NULL)');
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    for (const table of ['payments', 'counters', 'graphql_idempotency']) {
      await server.query(`DELETE FROM ${table}`);
    }
    await server.query('INSERT INTO counters VALUES (1, 0), (2, 0)');
    pool = createPool({ uri: server.url, connectionLimit: 20 });
  });
  afterEach(() => pool.end());

  const count = async (): Promise<number> =>
    Number((await server.query('SELECT count(*) AS n FROM payments'))[0]?.['n']);

  const pay = ({ transaction }: Execution): Promise<number> =>
    transaction(fromMysql2(pool), async (tx) => {
      const insert = 'INSERT INTO payments (amount) VALUES (5)';
      return (await tx.query<ResultSetHeader>(insert))[0].insertId;
    });

  it.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const)(
    'of many at the same time runs one body to its end, under %s',
    async (isolation) => {
      const answers = await Promise.all(
        Array.from({ length: 16 }, () =>
          send(({ transaction }) =>
            transaction(
              fromMysql2(pool),
              async (tx) =>
                (await tx.query<ResultSetHeader>('INSERT INTO payments (amount) VALUES (5)'))[0]
                  .insertId,
              { isolation },
            ),
          ),
        ),
      );
      expect(new Set(answers).size).toBe(1);
      expect(await count()).toBe(1);
    },
  );

  it('lets one of many go on when the one that they wait for rolls back, deadlocks or not', async () => {
    const entered = deferred<undefined>();
    const gate = deferred<undefined>();
    const failing = send(({ transaction }) =>
      transaction(fromMysql2(pool), async (tx) => {
        await tx.query('INSERT INTO payments (amount) VALUES (7)');
        entered.resolve(undefined);
        await gate.promise;
        throw new Error('no');
      }),
    );
    failing.catch(() => undefined);
    await entered.promise;
    const answers = Array.from({ length: 12 }, () => send(pay));
    gate.resolve(undefined);
    await expect(failing).rejects.toThrow('no');
    expect(new Set(await Promise.all(answers)).size).toBe(1);
    expect(await count()).toBe(1);
  });

  it('leaves innodb_lock_wait_timeout as it was, for the body and after a refused claim', async () => {
    const single = createPool({ uri: server.url, connectionLimit: 1 });
    const timeout = 'SELECT @@innodb_lock_wait_timeout AS seconds';
    const entered = deferred<unknown>();
    const gate = deferred<undefined>();
    const first = send(({ transaction }) =>
      transaction(fromMysql2(pool), async (tx) => {
        entered.resolve((await tx.query(timeout))[0]);
        await gate.promise;
      }),
    );
    expect(await entered.promise).toEqual([{ seconds: 7 }]);
    const refused = send(({ transaction }) => transaction(fromMysql2(single), () => 1), {
      overrides: { policy: { waitMs: 10 } },
    });
    expect(await codeOf(refused)).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
    expect((await single.query(timeout))[0]).toEqual([{ seconds: 7 }]);
    gate.resolve(undefined);
    await first;
    await single.end();
  });

  it('rolls back if its body ignores that a lock was not to be had, or keeps what it can', async () => {
    const holder = await pool.getConnection();
    await holder.query('START TRANSACTION');
    await holder.query('UPDATE counters SET count = 9 WHERE id = 1');
    // Only the statement is rolled back: the body decides.
    const answer = await send(({ transaction }) =>
      transaction(fromMysql2(pool), async (tx) => {
        await tx.query('INSERT INTO payments (amount) VALUES (5)');
        await tx.query('SET innodb_lock_wait_timeout = 1');
        const late = tx.query('UPDATE counters SET count = 1 WHERE id = 1');
        await expect(late).rejects.toMatchObject({ errno: 1205 });
        return 'without the counter';
      }),
    );
    expect(answer).toBe('without the counter');
    expect(await count()).toBe(1);
    await holder.query('ROLLBACK');
    holder.release();
  });

  it('refuses a body that ignores a deadlock, by which the whole transaction is rolled back', async () => {
    const both = deferred<undefined>();
    const holder = await pool.getConnection();
    await holder.query('START TRANSACTION');
    // InnoDB ends the one that has changed less.
    await holder.query('INSERT INTO payments (amount) VALUES (1), (2), (3), (4), (5), (6)');
    await holder.query('UPDATE counters SET count = 9 WHERE id = 1');
    const ended = send(({ transaction }) =>
      transaction(fromMysql2(pool), async (tx) => {
        await tx.query('UPDATE counters SET count = 5 WHERE id = 2');
        const other = holder.query('UPDATE counters SET count = 9 WHERE id = 2');
        both.resolve(undefined);
        const mine = tx.query('UPDATE counters SET count = 5 WHERE id = 1');
        await expect(mine).rejects.toMatchObject({ errno: 1213 });
        await other;
      }),
    );
    await expect(ended).rejects.toThrow('ended that transaction');
    await both.promise;
    await holder.query('ROLLBACK');
    holder.release();
    expect(await server.query('SELECT * FROM graphql_idempotency')).toEqual([]);
    expect(await server.query('SELECT count FROM counters')).toEqual([{ count: 0 }, { count: 0 }]);
  });

  it.each(['CREATE TABLE IF NOT EXISTS side_effect (id int)', 'COMMIT'])(
    'does not run a body again that commits by itself, by %s',
    async (sql) => {
      const tries: number[] = [];
      const ended = send(({ transaction }) =>
        transaction(fromMysql2(pool), async (tx, { tryNumber }) => {
          tries.push(tryNumber);
          await tx.query('INSERT INTO payments (amount) VALUES (5)');
          await tx.query(sql);
          // What it throws is a deadlock, after which a body is run again.
          throw Object.assign(new Error('Deadlock found'), { errno: 1213 });
        }),
      );
      expect(await codeOf(ended)).toBe('IDEMPOTENCY_OUTCOME_UNKNOWN');
      expect(tries).toEqual([1]);
      expect(await count()).toBe(1);
    },
  );

  it('does not run a body again that its resolver calls again after it committed by itself', async () => {
    const body = async (tx: PoolConnection): Promise<never> => {
      await tx.query('INSERT INTO payments (amount) VALUES (5)');
      await tx.query('COMMIT');
      throw new Error('no');
    };
    const ended = send(async ({ transaction }) => {
      await expect(transaction(fromMysql2(pool), body)).rejects.toThrow('no');
      return transaction(fromMysql2(pool), body);
    });
    expect(await codeOf(ended)).toBe('IDEMPOTENCY_OUTCOME_UNKNOWN');
    expect(await count()).toBe(1);
  });

  it('is pruned although a batch loses against a transaction beside it', async () => {
    const expired = ['a', 'b'].map((id, at) => `('m:${id}', 't', '', 1, 'x', ${String(at)})`);
    await server.query(`INSERT INTO graphql_idempotency VALUES ${expired.join()}`);
    const holder = await pool.getConnection();
    await holder.query('START TRANSACTION');
    // InnoDB ends the one that has changed less.
    await holder.query('INSERT INTO payments (amount) VALUES (1), (2), (3), (4), (5), (6)');
    await holder.query("DELETE FROM graphql_idempotency WHERE record_id = 'm:b'");
    const removed = pruneOutcomes(fromMysql2(pool));
    await until(async () => {
      const waiting = "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
      return (await server.query(waiting)).length > 0;
    });
    await holder.query("UPDATE graphql_idempotency SET fence = 2 WHERE record_id = 'm:a'");
    await holder.query('COMMIT');
    holder.release();
    expect(await removed).toBe(1);
    expect(await server.query('SELECT * FROM graphql_idempotency')).toEqual([]);
  });

  it('does not end the process when its connection is lost between two statements', async () => {
    const failing = send(({ transaction }) =>
      transaction(fromMysql2(pool), async (tx) => {
        const lost = new Promise((resolve) => tx.connection.on('end', resolve));
        await server.query(`KILL ${String(tx.connection.threadId)}`);
        await lost;
        await tx.query('INSERT INTO payments (amount) VALUES (5)');
      }),
    );
    await expect(failing).rejects.toThrow();
    expect(await send(pay)).toBeGreaterThan(0);
    expect(await count()).toBe(1);
  });

  it('survives the death of the server in its body', async () => {
    const failing = send(({ transaction }) =>
      transaction(fromMysql2(pool), async (tx) => {
        await tx.query('INSERT INTO payments (amount) VALUES (5)');
        await server.kill();
        await tx.query('INSERT INTO payments (amount) VALUES (5)');
      }),
    );
    await expect(failing).rejects.toThrow();
    await server.restart();
    expect(await count()).toBe(0);
    expect(await send(pay)).toBeGreaterThan(0);
  });
});
