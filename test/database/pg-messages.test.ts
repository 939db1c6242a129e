import { Client, Pool, type PoolClient } from 'pg';

import type { Execution } from '../../src/index.js';
import { systemClock } from '../../src/core/async/clock.js';
import { fromPg, outcomeTable } from '../../src/stores/database/index.js';
import { codeOf, deferred } from '../support/executions.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { until } from '../support/until.js';
import { send } from './requests.js';

describe('what a transaction through pg sends', () => {
  let server: PostgresServer;
  let pool: Pool;

  beforeAll(async () => {
    server = await startPostgres();
    await server.query(outcomeTable('postgres'));
    await server.query('CREATE TABLE payments (id serial PRIMARY KEY, amount int NOT NULL)');
    pool = new Pool({ connectionString: server.url, max: 5 });
    pool.on('error', () => undefined);
  });

  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  beforeEach(() => server.query('TRUNCATE payments, graphql_idempotency'));
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const INSERT = 'INSERT INTO payments (amount) VALUES (5) RETURNING id, amount';
  const payOnce = ({ transaction }: Execution): Promise<unknown> =>
    transaction(fromPg(pool), async (tx) => (await tx.query<{ id: number }>(INSERT)).rows[0]);
  const count = async (): Promise<unknown> =>
    (await server.query('SELECT count(*)::int AS n FROM payments'))[0]?.['n'];

  it('is no more messages than without an outcome: claim with BEGIN, outcome with COMMIT', async () => {
    const sent = jest.spyOn(Client.prototype, 'query');
    const messages = (): string[] => sent.mock.calls.map(([sql]) => sql.slice(0, 8));
    const first = await send(payOnce);
    expect(messages()).toEqual(['BEGIN;IN', 'INSERT I', 'WITH kep']);
    sent.mockClear();
    // Whoever finds the row asks again whether somebody must be waited for, and reads.
    expect(await send(payOnce)).toEqual(first);
    expect(messages()).toEqual(['BEGIN;IN', 'WITH ear', 'SELECT f', 'COMMIT']);
  });

  it.each([
    ['ended by its body, begins anew', 'ROLLBACK; BEGIN', 'ended that transaction'],
    [
      'of which the body removed its claim',
      'DELETE FROM graphql_idempotency',
      'ended that transaction',
    ],
    ['of which the body ignored an error', 'SELECT 1/0', 'current transaction is aborted'],
  ])('commits nothing in a transaction %s', async (_what, sql, sentence) => {
    const refused = send(({ transaction }) =>
      transaction(fromPg(pool), async (tx) => {
        await tx.query(sql).catch(() => undefined);
        await tx.query(INSERT).catch(() => undefined);
      }),
    );
    await expect(refused).rejects.toThrow(sentence);
    expect(await count()).toBe(0);
    expect(await send(payOnce)).toMatchObject({ amount: 5 });
  });

  it.each(['on', 'off'])(
    'is read as it is meant, with standard_conforming_strings %s',
    async (setting) => {
      const options = `-c standard_conforming_strings=${setting}`;
      const other = new Pool({ connectionString: server.url, options, max: 1 });
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      for (const text of [`'"?$2\\' OR 1=1; --`, 'é 😀', 'x'.repeat(20_000)]) {
        const rows = await fromPg(other).run(
          ({ query }) =>
            query('SELECT CAST($2 AS bytea) AS bytes, CAST($1 AS text) AS text', [text, bytes]),
          { isolation: 'SERIALIZABLE', timeoutMs: 1_000, waitMs: 1_000 },
        );
        expect(rows).toEqual([{ text, bytes }]);
      }
      await other.end();
    },
  );

  it.each([undefined, false])(
    'begins before a body that uses the client at once, with startsWithQuery %s',
    async (startsWithQuery) => {
      const failing = fromPg(pool).run(
        async ({ transaction }) => {
          await transaction.query(INSERT);
          throw new Error('no');
        },
        {
          ...{ isolation: undefined, timeoutMs: 1_000, waitMs: 1_000 },
          ...(startsWithQuery === undefined ? {} : { startsWithQuery }),
        },
      );
      await expect(failing).rejects.toThrow('no');
      expect(await count()).toBe(0);
    },
  );

  it('keeps an outcome that is too long to be sent together with COMMIT', async () => {
    const long = 'x'.repeat(100_000);
    const value = ({ transaction }: Execution): Promise<string> =>
      transaction(fromPg(pool), () => long);
    expect(await send(value)).toBe(long);
    expect(await send(value)).toBe(long);
  });

  /** An attempt whose body waits, and then does what it is told. */
  function hold() {
    const entered = deferred<undefined>();
    const gate = deferred<(tx: PoolClient) => unknown>();
    const answer = send(({ transaction }) =>
      transaction(fromPg(pool), async (tx) => {
        entered.resolve(undefined);
        return (await gate.promise)(tx);
      }),
    );
    return { answer, entered: entered.promise, end: gate.resolve };
  }

  it('bounds the wait for an attempt that has waited itself', async () => {
    const first = hold();
    await first.entered;
    const second = hold();
    await until(
      async () => (await server.query('SELECT 1 FROM pg_locks WHERE NOT granted')).length > 0,
    );
    first.end(() => {
      throw new Error('no');
    });
    await expect(first.answer).rejects.toThrow('no');
    await second.entered;
    const third = send(payOnce, { overrides: { policy: { waitMs: 50 } } });
    expect(await codeOf(third)).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
    second.end(() => 'paid');
    expect(await second.answer).toBe('paid');
  });

  it('does not wait for another attempt after its body ended the transaction', async () => {
    const first = hold();
    await first.entered;
    let second: ReturnType<typeof hold> | undefined;
    first.end(async (tx) => {
      await tx.query('ROLLBACK; BEGIN');
      second = hold();
      await second.entered;
    });
    await expect(first.answer).rejects.toThrow('ended that transaction');
    second?.end(() => 'paid');
    expect(await second?.answer).toBe('paid');
  });

  it.each([
    ['at least its retention after a short body', 1_000],
    ['its retention after a long one', 100_000],
  ])('lets an outcome expire %s', async (_what, bodyMs) => {
    let aheadMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    await send(
      ({ transaction }) =>
        transaction(fromPg(pool), async (tx) => {
          // The row as it is when the body has taken so long.
          const shift = `UPDATE graphql_idempotency SET expires_at_ms = expires_at_ms - ${String(bodyMs)}`;
          await tx.query(shift);
          aheadMs = bodyMs;
        }),
      { clock, overrides: { policy: { ttlMs: 600_000, leaseMs: 3_600_000 } } },
    );
    const [row] = await server.query(
      'SELECT (expires_at_ms - extract(epoch FROM now()) * 1000)::int AS left FROM graphql_idempotency',
    );
    expect(row?.['left']).toBeGreaterThan(570_000);
    expect(row?.['left']).toBeLessThanOrEqual(660_000);
  });
});
