import { Client, Pool, type PoolClient } from 'pg';

import {
  aesGcmCipher,
  MemoryStore,
  type Execution,
  type IdempotencyEvent,
} from '../../src/index.js';
import { systemClock } from '../../src/core/async/clock.js';
import { outcomeTable } from '../../src/core/database/outcome-table.js';
import { fromPg, type PgOptions } from '../../src/stores/database/index.js';
import { codeOf, deferred } from '../support/executions.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { send } from './requests.js';

describe.each([
  ['statements with literals', false],
  ['prepared statements', true],
])('a transaction in PostgreSQL through pg, with %s (G30)', (_how, preparedStatements) => {
  let server: PostgresServer;
  let proxy: TcpProxy;
  let pool: Pool;

  beforeAll(async () => {
    server = await startPostgres();
    await server.query(outcomeTable('postgres', 'graphql_idempotency'));
    await server.query('CREATE TABLE payments (id serial PRIMARY KEY, amount int NOT NULL)');
    await server.query('CREATE TABLE counters (id int PRIMARY KEY, count int NOT NULL)');
    proxy = await startTcpProxy(server.port);
  });

  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  beforeEach(async () => {
    await server.query('TRUNCATE counters');
    await server.query('INSERT INTO counters VALUES (1, 0), (2, 0)');
    pool = openPool();
    // The first two transactions of a connection prepare what the third uses.
    for (const key of preparedStatements ? ['a', 'b'] : []) {
      await send(payOnce(), { overrides: { key } });
    }
    await server.query('TRUNCATE payments, graphql_idempotency');
  });

  afterEach(async () => {
    proxy.pass();
    await pool.end();
  });

  function openPool(port = proxy.port, max = 10): Pool {
    const opened = new Pool({ host: '127.0.0.1', port, user: 'test', database: 'postgres', max });
    opened.on('error', () => undefined);
    return opened;
  }

  const databaseOf = (given: Pool, options: PgOptions = {}) =>
    fromPg(given, { preparedStatements, ...options });

  const count = async (): Promise<number> => {
    const [row] = await server.query('SELECT count(*)::int AS n FROM payments');
    return Number(row?.['n']);
  };

  const pay =
    (amount: number) =>
    async (tx: PoolClient): Promise<{ id: number; amount: number; at: Date; big: bigint }> => {
      const insert = 'INSERT INTO payments (amount) VALUES ($1) RETURNING id';
      const { rows } = await tx.query<{ id: number }>(insert, [amount]);
      return { id: rows[0]?.id ?? 0, amount, at: new Date(0), big: 7n };
    };

  const payOnce =
    (amount = 5) =>
    ({ transaction }: Execution): Promise<unknown> =>
      transaction(databaseOf(pool), pay(amount));

  it('survives a connection that is lost at the moment at which it is taken out', async () => {
    const lost = openPool();
    databaseOf(lost);
    databaseOf(lost);
    const client = await lost.connect();
    // Without a listener this would be thrown.
    expect(client.emit('error', new Error('terminating connection'))).toBe(true);
    client.release(true);
    await lost.end();
  });

  it('has one effect and gives one answer, whatever the store forgets', async () => {
    const events: IdempotencyEvent[] = [];
    const first = await send(payOnce());
    const again = await send(payOnce(), { events });
    expect(again).toEqual(first);
    expect(again).toMatchObject({ amount: 5, at: new Date(0), big: 7n });
    expect(await count()).toBe(1);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'transactionFound', name: 'transaction' }),
    );
  });

  it('gives its recorded copy from the first attempt on', async () => {
    const given = { tags: ['a'] };
    const copy = await send(({ transaction }) => transaction(databaseOf(pool), () => given));
    expect(copy).toEqual(given);
    expect(copy).not.toBe(given);
  });

  it('waits for the commit of another attempt (G31), and gives what that gave', async () => {
    const gate = deferred<undefined>();
    const entered = deferred<undefined>();
    const first = send(({ transaction }) =>
      transaction(databaseOf(pool), async (tx) => {
        entered.resolve(undefined);
        await gate.promise;
        return pay(5)(tx);
      }),
    );
    await entered.promise;
    const second = send(payOnce());
    await waiting();
    gate.resolve(undefined);
    expect(await second).toEqual(await first);
    expect(await count()).toBe(1);
  });

  it('runs its body if the attempt that it waited for rolls back', async () => {
    const gate = deferred<undefined>();
    const entered = deferred<undefined>();
    const first = send(({ transaction }) =>
      transaction(databaseOf(pool), async (tx) => {
        await pay(7)(tx);
        entered.resolve(undefined);
        await gate.promise;
        throw new Error('no');
      }),
    );
    await entered.promise;
    const second = send(payOnce());
    await waiting();
    gate.resolve(undefined);
    await expect(first).rejects.toThrow('no');
    expect(await second).toMatchObject({ amount: 5 });
    expect(await count()).toBe(1);
  });

  it('is refused after waitMs, and leaves lock_timeout as it was for the body', async () => {
    const gate = deferred<undefined>();
    const entered = deferred<unknown>();
    const first = send(
      ({ transaction }) =>
        transaction(databaseOf(pool), async (tx) => {
          const { rows } = await tx.query('SHOW lock_timeout');
          entered.resolve(rows);
          await gate.promise;
          return pay(5)(tx);
        }),
      { overrides: { policy: { waitMs: 100 } } },
    );
    expect(await entered.promise).toEqual([{ lock_timeout: '0' }]);
    for (const waitMs of [0, 100]) {
      const refused = send(payOnce(), { overrides: { policy: { waitMs } } });
      expect(await codeOf(refused)).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
    }
    gate.resolve(undefined);
    expect(await send(payOnce())).toEqual(await first);
  });

  it('refuses other arguments, also while the first is running', async () => {
    await send(payOnce());
    const other = send(payOnce(6), { overrides: { fingerprint: 'g'.repeat(43) } });
    expect(await codeOf(other)).toBe('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
    expect(await count()).toBe(1);
  });

  it('gives what a newer attempt committed, whose fence is larger or of another store', async () => {
    const first = await send(payOnce());
    await server.query('UPDATE graphql_idempotency SET fence = 9007199254740991');
    expect(await send(payOnce())).toEqual(first);
    expect(await count()).toBe(1);
  });

  it('keeps the transactions of a resolver apart by their names', async () => {
    const both = ({ transaction }: Execution): Promise<unknown[]> =>
      transaction(databaseOf(pool), pay(1), { name: 'one' }).then(async (one) => [
        one,
        await transaction(databaseOf(pool), pay(2), { name: 'two' }),
      ]);
    const first = await send(both);
    expect(await send(both)).toEqual(first);
    expect(await count()).toBe(2);
  });

  it.each(['REPEATABLE READ', 'SERIALIZABLE'] as const)(
    'runs the body again after a serialization failure under %s',
    async (isolation) => {
      const tries: number[] = [];
      const raised = await send(({ transaction }) =>
        transaction(
          databaseOf(pool),
          async (tx, { tryNumber }) => {
            tries.push(tryNumber);
            await tx.query('SELECT count FROM counters WHERE id = 1');
            if (tryNumber < 3) await server.query('UPDATE counters SET count = 10 WHERE id = 1');
            const raise = 'UPDATE counters SET count = count + 1 WHERE id = 1 RETURNING count';
            return (await tx.query<{ count: number }>(raise)).rows[0]?.count;
          },
          { isolation },
        ),
      );
      expect({ tries, raised }).toEqual({ tries: [1, 2, 3], raised: 11 });
    },
  );

  it('gives up after triesMax, with nothing done', async () => {
    let tries = 0;
    const failing = send(({ transaction }) =>
      transaction(
        databaseOf(pool),
        async (tx) => {
          tries += 1;
          await pay(5)(tx);
          await tx.query('SELECT count FROM counters WHERE id = 1');
          await server.query('UPDATE counters SET count = count + 1 WHERE id = 1');
          await tx.query('UPDATE counters SET count = 0 WHERE id = 1');
        },
        { isolation: 'REPEATABLE READ', triesMax: 3 },
      ),
    );
    await expect(failing).rejects.toMatchObject({ code: '40001' });
    expect(tries).toBe(3);
    expect(await count()).toBe(0);
  });

  it('of attempts at the same time under SERIALIZABLE runs one body to its end', async () => {
    const all = await Promise.all(
      Array.from({ length: 8 }, () =>
        send(({ transaction }) =>
          transaction(databaseOf(pool), pay(5), { isolation: 'SERIALIZABLE', triesMax: 20 }),
        ),
      ),
    );
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await count()).toBe(1);
  });

  it('runs the body again after a deadlock', async () => {
    const both = [deferred<undefined>(), deferred<undefined>()] as const;
    const raise = (key: string, first: 0 | 1): Promise<number> =>
      send(
        ({ transaction }) =>
          transaction(databaseOf(pool), async (tx, { tryNumber }) => {
            const update = 'UPDATE counters SET count = count + 1 WHERE id = $1';
            await tx.query(update, [first + 1]);
            both[first].resolve(undefined);
            await both[first === 0 ? 1 : 0].promise;
            await tx.query(update, [2 - first]);
            return tryNumber;
          }),
        { overrides: { key } },
      );
    const tries = await Promise.all([raise('a', 0), raise('b', 1)]);
    expect(tries.sort()).toEqual([1, 2]);
    expect(await server.query('SELECT count FROM counters')).toEqual([{ count: 2 }, { count: 2 }]);
  });

  it('rolls back what its body throws from (G33), and may be run again under its name', async () => {
    const answer = await send(async ({ transaction }) => {
      const failing = transaction(databaseOf(pool), async (tx) => {
        await pay(1)(tx);
        throw new RangeError('declined');
      });
      await expect(failing).rejects.toThrow(RangeError);
      return transaction(databaseOf(pool), pay(2));
    });
    expect(answer).toMatchObject({ amount: 2 });
    expect(await count()).toBe(1);
  });

  it.each([
    ['a function', (): unknown => () => 1, 'function'],
    ['too much', (): unknown => 'x'.repeat(1_100_000), 'larger than'],
  ])('rolls back if %s was returned', async (_what, value, sentence) => {
    const failing = send(({ transaction }) =>
      transaction(databaseOf(pool), async (tx) => {
        await pay(1)(tx);
        return value();
      }),
    );
    await expect(failing).rejects.toThrow(/was rolled back, because what its body returned/);
    await expect(failing).rejects.toThrow(sentence);
    expect(await count()).toBe(0);
    expect(await server.query('SELECT 1 FROM graphql_idempotency')).toEqual([]);
  });

  it('encrypts its outcome, bound to its place', async () => {
    const cipher = aesGcmCipher({ keys: { a: Buffer.alloc(32, 1) }, current: 'a' });
    const secret = ({ transaction }: Execution): Promise<string> =>
      transaction(databaseOf(pool), () => 'a secret');
    expect(await send(secret, { cipher })).toBe('a secret');
    const [row] = await server.query('SELECT outcome FROM graphql_idempotency');
    expect((row?.['outcome'] as Buffer).includes('secret')).toBe(false);
    expect(await send(secret, { cipher })).toBe('a secret');
    // Neither moved, nor without the key, nor run again.
    await server.query("UPDATE graphql_idempotency SET name = 'other'");
    const moved = send(
      ({ transaction }) => transaction(databaseOf(pool), () => 'x', { name: 'other' }),
      {
        cipher,
      },
    );
    expect(await codeOf(moved)).toBe('IDEMPOTENCY_RESULT_UNAVAILABLE');
    const keyless = send(({ transaction }) =>
      transaction(databaseOf(pool), () => 'x', { name: 'other' }),
    );
    expect(await codeOf(keyless)).toBe('IDEMPOTENCY_RESULT_UNAVAILABLE');
  });

  it('rolls back if it cannot encrypt', async () => {
    const cipher = {
      encrypt: () => Promise.reject(new Error('The key service is away.')),
      decrypt: () => Buffer.of(),
    };
    await expect(send(payOnce(), { cipher })).rejects.toThrow('was rolled back');
    expect(await count()).toBe(0);
  });

  describe('whose commit got no reply (G32)', () => {
    it('finds out that it had happened', async () => {
      const struck = proxy.strike({ request: 'COMMIT' }, { cutReplyAfter: 0 });
      let runs = 0;
      const answer = await send(({ transaction }) =>
        transaction(databaseOf(pool), (tx) => {
          runs += 1;
          return pay(5)(tx);
        }),
      );
      await struck;
      expect(answer).toMatchObject({ amount: 5 });
      expect(runs).toBe(1);
      expect(await count()).toBe(1);
    });

    it('finds out that it had not, and runs the body again', async () => {
      const struck = proxy.strike({ request: 'COMMIT' }, 'cut');
      const tries: number[] = [];
      const answer = await send(({ transaction }) =>
        transaction(databaseOf(pool), (tx, { tryNumber }) => {
          tries.push(tryNumber);
          return pay(5)(tx);
        }),
      );
      await struck;
      expect(answer).toMatchObject({ amount: 5 });
      expect(tries).toEqual([1, 2]);
      expect(await count()).toBe(1);
    });

    it('tells that nobody knows if the database stays away, and a retry finds out', async () => {
      const store = new MemoryStore();
      const struck = proxy.strike({ request: 'COMMIT' }, { cutReplyAfter: 0 });
      // Ten seconds of doubt are over soon.
      const clock = { ...systemClock, now: () => systemClock.now() * 50 };
      // Its lease is not.
      const overrides = { policy: { leaseMs: 3_600_000 } };
      const answer = send(payOnce(), { store, clock, overrides }).catch((error: unknown) => error);
      await struck;
      await server.kill();
      const refused = await answer;
      await server.restart();
      expect(refused).toMatchObject({ code: 'IDEMPOTENCY_OUTCOME_UNKNOWN', retryable: true });
      expect(await send(payOnce(), { store })).toMatchObject({ amount: 5 });
      expect(await count()).toBe(1);
    });
  });

  it('does not end the process when its connection is lost between two statements', async () => {
    const failing = send(({ transaction }) =>
      transaction(databaseOf(pool), async (tx) => {
        const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await server.query(`SELECT pg_terminate_backend(${String(rows[0]?.pid)})`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return pay(5)(tx);
      }),
    );
    await expect(failing).rejects.toThrow();
    expect(await send(payOnce())).toMatchObject({ amount: 5 });
  });

  it('is not starved by duplicates that wait in a pool of three', async () => {
    const small = openPool(proxy.port, 3);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        send(({ transaction }) =>
          transaction(databaseOf(small), async (tx) => {
            await new Promise((resolve) => setTimeout(resolve, 20));
            return pay(5)(tx);
          }),
        ),
      ),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await count()).toBe(1);
    await small.end();
  });

  it('of a frozen process ends with idle_in_transaction_session_timeout, and it finds what another has committed', async () => {
    const entered = deferred<undefined>();
    const gate = deferred<undefined>();
    const frozen = send(({ transaction }) =>
      transaction(databaseOf(pool), async (tx, { tryNumber }) => {
        if (tryNumber === 1) {
          await tx.query("SET LOCAL idle_in_transaction_session_timeout = '200ms'");
          await pay(5)(tx);
          entered.resolve(undefined);
          await gate.promise;
        }
        return 'late';
      }),
    );
    await entered.promise;
    const answer = await send(payOnce(6));
    expect(answer).toMatchObject({ amount: 6 });
    gate.resolve(undefined);
    expect(await frozen).toEqual(answer);
    expect(await count()).toBe(1);
  });

  describe('refuses', () => {
    it('a transaction inside of another or beside it, a name used twice, and one after the end', async () => {
      let late: Execution | undefined;
      await send(async (execution) => {
        late = execution;
        const { transaction } = execution;
        const nested = transaction(databaseOf(pool), () =>
          transaction(databaseOf(pool), () => 1, { name: 'inner' }),
        );
        await expect(nested).rejects.toThrow('was begun while "transaction" was running');
        await transaction(databaseOf(pool), () => 1);
        await expect(transaction(databaseOf(pool), () => 2)).rejects.toThrow('already used');
      });
      await expect(late?.transaction(databaseOf(pool), () => 1, { name: 'late' })).rejects.toThrow(
        'has ended',
      );
    });

    it('bad names, options, databases and bodies', async () => {
      await send(async ({ transaction }) => {
        const database = databaseOf(pool);
        for (const options of [
          ...['', 'a b', 'x'.repeat(65), 'ä', 7].map((name) => ({ name }) as never),
          { isolation: 'CHAOS' } as never,
          { triesMax: 0 },
          { timeoutMs: 0.5 },
        ]) {
          await expect(transaction(database, () => 1, options)).rejects.toThrow(RangeError);
        }
        for (const given of [undefined, pool, { ...database, dialect: 'oracle' }]) {
          await expect(transaction(given as never, () => 1)).rejects.toThrow('fromPg(pool)');
        }
        await expect(transaction(database, undefined as never)).rejects.toThrow('a function');
      });
      expect(() => fromPg({} as never)).toThrow('fromPg takes a Pool of pg');
      expect(() => databaseOf(pool, { table: 'x; DROP TABLE y' })).toThrow(RangeError);
    });

    it('a client: others use its one connection at the same time', async () => {
      const client = new Client({ connectionString: server.url });
      const refused = send(({ transaction }) => transaction(fromPg(client as never), () => 1));
      await expect(refused).rejects.toThrow('not a Client');
      await client.end();
    });

    it('a table that is missing or has other columns, a read-only server, another dialect', async () => {
      const body = jest.fn();
      const refused = (database: object): Promise<unknown> =>
        send(({ transaction }) => transaction(database as never, body)).catch(
          (error: unknown) => error,
        );
      const missing = await refused(databaseOf(pool, { table: 'nowhere' }));
      expect(missing).toMatchObject({
        message: expect.stringMatching(/nowhere.*table --dialect postgres/) as string,
      });
      expect(await refused(databaseOf(pool, { table: 'payments' }))).toMatchObject({
        message: expect.stringContaining('has other columns') as string,
      });
      const readOnly = new Pool({
        connectionString: server.url,
        options: '-c default_transaction_read_only=on',
      });
      expect(await refused(databaseOf(readOnly))).toMatchObject({
        message: expect.stringContaining('takes no writes') as string,
      });
      await readOnly.end();
      expect(await refused({ ...databaseOf(pool), dialect: 'mysql' })).toMatchObject({
        message: expect.stringContaining('does not understand the SQL of mysql') as string,
      });
      expect(body).not.toHaveBeenCalled();
    });

    it('a body that rolls back or ignores an error by which the database has', async () => {
      const ended = (sql: string): Promise<unknown> =>
        send(({ transaction }) =>
          transaction(databaseOf(pool), async (tx) => {
            await pay(5)(tx);
            await tx.query(sql).catch(() => undefined);
          }),
        );
      await expect(ended('ROLLBACK')).rejects.toThrow('ended that transaction');
      await expect(ended('SELECT 1/0')).rejects.toThrow('aborted');
      expect(await count()).toBe(0);
    });
  });

  it('does not run again after a body that committed by itself, whose outcome nobody has', async () => {
    const died = send(({ transaction }) =>
      transaction(databaseOf(pool), async (tx) => {
        await pay(5)(tx);
        await tx.query('COMMIT');
        throw new Error('died');
      }),
    );
    await expect(died).rejects.toThrow('died');
    expect(await codeOf(send(payOnce()))).toBe('IDEMPOTENCY_OUTCOME_UNKNOWN');
    expect(await count()).toBe(1);
  });

  it('forgets a row that has expired, but not while the store remembers an attempt', async () => {
    await send(payOnce());
    await server.query('UPDATE graphql_idempotency SET expires_at_ms = 1');
    const store = new MemoryStore();
    const failing = ({ attempt }: Execution): Promise<unknown> =>
      Promise.reject(new Error(`attempt ${String(attempt)}`));
    await expect(
      send(failing, { store, overrides: { recover: () => Promise.resolve('RERUN') } }),
    ).rejects.toThrow();
    const second = await send(payOnce(), {
      store,
      overrides: { recover: () => Promise.resolve('RERUN') },
    });
    expect(await count()).toBe(1);
    const later = await send(payOnce(), { overrides: { fingerprint: 'g'.repeat(43) } });
    expect(later).not.toEqual(second);
    expect(await count()).toBe(2);
  });

  /** Resolves when somebody waits for a lock. */
  async function waiting(): Promise<void> {
    await until(async () => {
      const waiters = await server.query('SELECT 1 FROM pg_locks WHERE NOT granted');
      return waiters.length > 0;
    });
  }
});
