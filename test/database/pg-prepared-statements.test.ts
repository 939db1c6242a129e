import { Client, Pool, type PoolClient } from 'pg';

import type { Execution } from '../../src/index.js';
import { fromPg, outcomeTable } from '../../src/stores/database/index.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { send } from './requests.js';

const INSERT = 'INSERT INTO payments (amount) VALUES (5) RETURNING id';
const OTHER_TABLE = 'other_idempotency';

describe('a transaction through pg with prepared statements', () => {
  let server: PostgresServer;
  let pool: Pool;
  let keys = 0;

  beforeAll(async () => {
    server = await startPostgres({ autovacuum: 'off' });
    await server.query(outcomeTable('postgres'));
    await server.query(outcomeTable('postgres', OTHER_TABLE));
    await server.query('CREATE TABLE payments (id serial PRIMARY KEY, amount int NOT NULL)');
  });

  afterAll(() => server.stop());

  beforeEach(async () => {
    await server.query(`TRUNCATE payments, graphql_idempotency, ${OTHER_TABLE}`);
    pool = new Pool({ connectionString: server.url, max: 1 });
    pool.on('error', () => undefined);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await pool.end();
  });

  const insert = async (tx: PoolClient): Promise<unknown> =>
    (await tx.query<{ id: number }>(INSERT)).rows[0];

  /** A request with a key of its own. */
  const pay = (
    body: (tx: PoolClient, run: { readonly tryNumber: number }) => Promise<unknown> = insert,
    {
      table,
      triesMax = 5,
      from = fromPg,
    }: { table?: string; triesMax?: number; from?: typeof fromPg } = {},
  ): Promise<unknown> =>
    send(
      ({ transaction }: Execution) =>
        transaction(from(pool, { preparedStatements: true, table }), body, { triesMax }),
      { overrides: { key: String((keys += 1)) } },
    );

  const count = async (): Promise<unknown> =>
    (await server.query('SELECT count(*)::int AS n FROM payments'))[0]?.['n'];

  /** The commands of each message that `act` sends, by their first words. */
  async function messagesOf(act: () => Promise<unknown>): Promise<string[]> {
    const sent = jest.spyOn(Client.prototype, 'query');
    await act();
    const messages = sent.mock.calls.map(([sql]) =>
      sql.replaceAll(/(^|;)(\w+)[^;]*/g, (_all, start: string, word: string) => start + word),
    );
    sent.mockRestore();
    return messages;
  }

  const PLAIN = ['BEGIN;INSERT', 'INSERT', 'WITH;COMMIT'];
  const PREPARED = ['BEGIN;EXECUTE', 'INSERT', 'EXECUTE;COMMIT'];

  it('prepares its claim in the first on a connection, its outcome in the second, and then nothing', async () => {
    expect(await messagesOf(pay)).toEqual(['PREPARE', PREPARED[0], 'INSERT', PLAIN[2]]);
    expect(await messagesOf(pay)).toEqual(['PREPARE', ...PREPARED]);
    expect(await messagesOf(pay)).toEqual(PREPARED);
    expect(await count()).toBe(3);
  });

  it('keeps what it has prepared when a transaction is rolled back', async () => {
    const failing = pay(() => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await messagesOf(pay)).toEqual([PREPARED[0], 'INSERT', PLAIN[2]]);
  });

  it('keeps the statements of two tables apart on one connection', async () => {
    for (const table of [undefined, OTHER_TABLE, undefined, OTHER_TABLE]) {
      await pay(insert, table === undefined ? {} : { table });
    }
    expect(await messagesOf(pay)).toEqual(PREPARED);
    expect(await messagesOf(() => pay(insert, { table: OTHER_TABLE }))).toEqual(PREPARED);
    for (const table of ['graphql_idempotency', OTHER_TABLE]) {
      expect(await server.query(`SELECT 1 FROM ${table}`)).toHaveLength(3);
    }
  });

  it('sends the claim again as it is after DISCARD ALL, and prepares nothing more on that connection', async () => {
    await pay();
    await pay();
    await pool.query('DISCARD ALL');
    expect(await messagesOf(pay)).toEqual([
      PREPARED[0],
      'ROLLBACK;BEGIN;INSERT',
      ...PLAIN.slice(1),
    ]);
    expect(await messagesOf(pay)).toEqual(PLAIN);
    expect(await count()).toBe(4);
  });

  it('runs its body again if the statement of the outcome is gone: the effect was rolled back', async () => {
    await pay();
    await pay();
    const tries: number[] = [];
    await pay(async (tx, { tryNumber }) => {
      tries.push(tryNumber);
      if (tryNumber === 1) await tx.query('DEALLOCATE ALL');
      return insert(tx);
    });
    expect(tries).toEqual([1, 2]);
    expect(await count()).toBe(3);
    expect(await messagesOf(pay)).toEqual(PLAIN);
  });

  it('says what happened if it may not run its body again', async () => {
    await pay();
    await pay();
    const refused = pay(
      async (tx) => {
        await tx.query('DEALLOCATE ALL');
        return insert(tx);
      },
      { triesMax: 1 },
    );
    await expect(refused).rejects.toMatchObject({
      code: '40000',
      message: expect.stringContaining('a prepared statement was gone') as string,
      cause: expect.objectContaining({ code: '26000' }) as unknown,
    });
    expect(await count()).toBe(2);
    expect(await pay()).toBeDefined();
  });

  it('uses what another copy of the library has prepared on the connection', async () => {
    await pay();
    await pay();
    const copy = otherCopy();
    expect(await messagesOf(() => pay(insert, { from: copy }))).toEqual([
      'PREPARE',
      PREPARED[0],
      'INSERT',
      PLAIN[2],
    ]);
    await pay(insert, { from: copy });
    expect(await messagesOf(() => pay(insert, { from: copy }))).toEqual(PREPARED);
    expect(await count()).toBe(5);
  });

  it('prepares its claim once the table exists', async () => {
    const table = 'later_idempotency';
    await expect(pay(insert, { table })).rejects.toThrow(/later_idempotency.*table --dialect/);
    await server.query(outcomeTable('postgres', table));
    expect(await messagesOf(() => pay(insert, { table }))).toContain(PREPARED[0]);
  });

  it('begins with its isolation', async () => {
    const levels: unknown[] = [];
    for (let n = 0; n < 2; n += 1) {
      await fromPg(pool, { preparedStatements: true }).run(
        async ({ query, transaction }) => {
          await query('SELECT 1', []);
          levels.push((await transaction.query('SHOW transaction_isolation')).rows[0]);
        },
        { isolation: 'SERIALIZABLE', timeoutMs: 1_000, waitMs: 1_000, startsWithQuery: true },
      );
    }
    expect(levels).toEqual(Array(2).fill({ transaction_isolation: 'serializable' }));
  });

  it('never reads the whole table, however small it was when the statements were planned', async () => {
    // PostgreSQL keeps a plan from the sixth use on.
    for (let n = 0; n < 8; n += 1) {
      await pay();
      await server.query('DELETE FROM graphql_idempotency');
      await server.query('VACUUM ANALYZE graphql_idempotency');
    }
    for (let n = 0; n < 8; n += 1) await pay();
    const { rows } = await pool.query<{ name: string; parameters: number; reused: boolean }>(
      `SELECT name, cardinality(parameter_types) AS parameters, generic_plans > 0 AS reused
       FROM pg_prepared_statements`,
    );
    expect(rows).toHaveLength(2);
    for (const { name, parameters, reused } of rows) {
      const values = Array(parameters).fill('NULL').join(',');
      const plan = await pool.query(`EXPLAIN (FORMAT json) EXECUTE ${name}(${values})`);
      expect(reused).toBe(true);
      expect(JSON.stringify(plan.rows)).not.toContain('Seq Scan');
    }
  });
});

/** As when a program loads it as an ES module and as a CommonJS one. */
function otherCopy(): typeof fromPg {
  let copy = fromPg;
  jest.isolateModules(() => {
    copy = jest.requireActual<{ fromPg: typeof fromPg }>(
      '../../src/stores/database/drivers/pg.js',
    ).fromPg;
  });
  expect(copy).not.toBe(fromPg);
  return copy;
}
