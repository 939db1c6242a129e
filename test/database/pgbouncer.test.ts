import { Pool } from 'pg';

import type { Execution } from '../../src/index.js';
import {
  checkDatabase,
  DatabaseStore,
  fromPg,
  outcomeTable,
} from '../../src/stores/database/index.js';
import { codeOf, deferred } from '../support/executions.js';
import { startPgBouncer, type PgBouncer } from '../support/pgbouncer.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { newBegin, rivalOf } from '../support/requests.js';
import { send } from './requests.js';

/** Clients have more connections to PgBouncer than it has to PostgreSQL: sessions are shared. */
describe.each([
  ['statements with literals', false],
  ['prepared statements', true],
])('behind PgBouncer in transaction mode, with %s', (_how, preparedStatements) => {
  let server: PostgresServer;
  let bouncer: PgBouncer;
  let pool: Pool;

  beforeAll(async () => {
    server = await startPostgres();
    await server.query(outcomeTable('postgres'));
    await server.query('CREATE TABLE payments (id serial PRIMARY KEY, amount int NOT NULL)');
    bouncer = await startPgBouncer(server.port, 2);
    pool = new Pool({ host: '127.0.0.1', port: bouncer.port, user: 'test', database: 'postgres' });
    pool.on('error', () => undefined);
  });

  afterAll(async () => {
    await pool.end();
    await bouncer.stop();
    await server.stop();
  });

  beforeEach(() => server.query('TRUNCATE payments, graphql_idempotency'));

  const pay = ({ transaction }: Execution): Promise<unknown> =>
    transaction(fromPg(pool, { preparedStatements }), async (tx) => {
      const insert = 'INSERT INTO payments (amount) VALUES (5) RETURNING id, amount';
      return (await tx.query<{ id: number }>(insert)).rows[0];
    });

  it('duplicates have one effect and one answer, more than there are connections', async () => {
    await checkDatabase(fromPg(pool));
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(pay)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await server.query('SELECT amount FROM payments')).toEqual([{ amount: 5 }]);
  });

  it('a refused claim leaves no lock_timeout to whoever has the session next', async () => {
    const entered = deferred<undefined>();
    const gate = deferred<undefined>();
    const first = send(({ transaction }) =>
      transaction(fromPg(pool, { preparedStatements }), async () => {
        entered.resolve(undefined);
        await gate.promise;
      }),
    );
    await entered.promise;
    const refused = send(pay, { overrides: { policy: { waitMs: 50 } } });
    expect(await codeOf(refused)).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
    const left = async (): Promise<unknown> => (await pool.query('SHOW lock_timeout')).rows;
    expect(await left()).toEqual([{ lock_timeout: '0' }]);
    gate.resolve(undefined);
    await first;
    expect(await Promise.all([left(), left()])).toEqual([
      [{ lock_timeout: '0' }],
      [{ lock_timeout: '0' }],
    ]);
  });

  it('DatabaseStore gives a record to one of many', async () => {
    const store = new DatabaseStore(fromPg(pool));
    const begin = newBegin();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => store.begin(rivalOf(begin))),
    );
    expect(replies.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    expect(replies.filter(({ kind }) => kind === 'running')).toHaveLength(19);
  });
});
