import { outcomeTable } from '../../../src/core/database/outcome-table.js';
import type { Execution } from '../../../src/index.js';
import { checkDatabase, pruneOutcomes } from '../../../src/stores/database/index.js';
import { codeOf, deferred } from '../../support/executions.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { send } from '../requests.js';
import type { Library, Opened, Payment, Server } from './library.js';

/** What every adapter must do on a server of its dialect, through its real library. */
export function describeAdapters(
  start: () => Promise<Server>,
  libraries: readonly Library[],
): void {
  let server: Server;
  let proxy: TcpProxy;

  beforeAll(async () => {
    server = await start();
    for (const sql of [...outcomeTable(server.dialect).split(';'), ...server.tables]) {
      if (sql.trim() !== '') await server.query(sql);
    }
    proxy = await startTcpProxy(server.port);
  }, 120_000);

  afterAll(async () => {
    await proxy.close();
    await server.stop();
  });

  describe.each(libraries.map((library) => [library.name, library] as const))(
    'a transaction through %s',
    (_name, library) => {
      let opened: Opened<unknown>;

      beforeEach(async () => {
        for (const table of ['payments', 'graphql_idempotency']) {
          await server.query(`DELETE FROM ${table}`);
        }
        await server.query('UPDATE counters SET count = 0');
        opened = await library.open({ port: proxy.port, max: 10 });
      });

      afterEach(async () => {
        proxy.pass();
        await opened.close();
      });

      const count = async (): Promise<number> =>
        Number((await server.query('SELECT count(*) AS n FROM payments'))[0]?.['n']);

      const payOnce = ({ transaction }: Execution): Promise<Payment> =>
        transaction(opened.database, (tx) => opened.pay(tx));

      /** A request whose body waits after it has paid, and what lets it go on. */
      function startPaying(end: () => unknown = () => undefined) {
        const gate = deferred<undefined>();
        const entered = deferred<undefined>();
        const answer = send(({ transaction }) =>
          transaction(opened.database, async (tx) => {
            const payment = await opened.pay(tx);
            entered.resolve(undefined);
            await gate.promise;
            end();
            return payment;
          }),
        );
        answer.catch(() => undefined);
        return { answer, entered: entered.promise, goOn: gate.resolve };
      }

      const waiting = (): Promise<void> =>
        until(async () => (await server.query(server.waiters)).length > 0);

      it('passes the check, and is pruned', async () => {
        await checkDatabase(opened.database);
        await send(payOnce);
        await server.query('UPDATE graphql_idempotency SET expires_at_ms = 1');
        expect(await pruneOutcomes(opened.database)).toBe(1);
      });

      it('has one effect and gives one answer, and refuses other arguments (G30)', async () => {
        const first = await send(payOnce);
        expect(first).toEqual({ id: first.id, amount: 5 });
        expect(await send(payOnce)).toEqual(first);
        const other = send(payOnce, { overrides: { fingerprint: 'g'.repeat(43) } });
        expect(await codeOf(other)).toBe('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
        expect(await count()).toBe(1);
      });

      it('gives back what its body returned with its types, bytes of every value', async () => {
        const value = {
          at: new Date(0),
          big: 7n,
          bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte),
          none: undefined,
          text: `'"?$1\\ é 😀`,
        };
        const run = ({ transaction }: Execution): Promise<unknown> =>
          transaction(opened.database, () => value);
        const first = await send(run);
        expect(first).toMatchObject({ at: new Date(0), big: 7n, text: value.text });
        expect(await send(run)).toEqual(first);
      });

      it('rolls back what its body throws from, and what cannot be kept (G33)', async () => {
        const failing = (end: () => unknown): Promise<unknown> =>
          send(({ transaction }) =>
            transaction(opened.database, async (tx) => {
              await opened.pay(tx);
              return end();
            }),
          );
        const declined = new RangeError('declined');
        const thrown = failing(() => {
          throw declined;
        });
        await expect(thrown).rejects.toBe(declined);
        await expect(failing(() => () => 1)).rejects.toThrow('was rolled back');
        await expect(failing(() => 'x'.repeat(1_100_000))).rejects.toThrow('larger than');
        expect(await count()).toBe(0);
        expect(await send(payOnce)).toMatchObject({ amount: 5 });
      });

      it('waits for the commit of another attempt (G31), up to waitMs', async () => {
        const first = startPaying();
        await first.entered;
        const refused = send(payOnce, { overrides: { policy: { waitMs: 50 } } });
        expect(await codeOf(refused)).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
        const second = send(payOnce);
        await waiting();
        first.goOn(undefined);
        expect(await second).toEqual(await first.answer);
        expect(await count()).toBe(1);
      });

      it('runs its body if the attempt that it waited for rolls back', async () => {
        const first = startPaying(() => {
          throw new Error('no');
        });
        await first.entered;
        const second = send(payOnce);
        await waiting();
        first.goOn(undefined);
        await expect(first.answer).rejects.toThrow('no');
        expect(await second).toMatchObject({ amount: 5 });
        expect(await count()).toBe(1);
      });

      it('gives what a newer attempt committed, whose fence is larger', async () => {
        const first = await send(payOnce);
        await server.query('UPDATE graphql_idempotency SET fence = 9007199254740991');
        expect(await send(payOnce)).toEqual(first);
        expect(await count()).toBe(1);
      });

      it('runs the body again after a serialization failure', async () => {
        const tries: number[] = [];
        await send(({ transaction }) =>
          transaction(
            opened.database,
            async (tx, { tryNumber }) => {
              tries.push(tryNumber);
              await opened.send(tx, 'SELECT count FROM counters WHERE id = 1');
              if (tryNumber < 3) await server.query('UPDATE counters SET count = 10 WHERE id = 1');
              await opened.send(tx, 'UPDATE counters SET count = count + 1 WHERE id = 1');
            },
            { isolation: 'REPEATABLE READ' },
          ),
        );
        expect(tries).toEqual(server.refusesLostUpdates ? [1, 2, 3] : [1]);
      });

      it('runs the body again after a deadlock', async () => {
        const both = [deferred<undefined>(), deferred<undefined>()] as const;
        const raise = (key: string, first: 0 | 1): Promise<number> =>
          send(
            ({ transaction }) =>
              transaction(opened.database, async (tx, { tryNumber }) => {
                const raiseOne = (id: number): Promise<unknown> =>
                  opened.send(tx, `UPDATE counters SET count = count + 1 WHERE id = ${String(id)}`);
                await raiseOne(first + 1);
                both[first].resolve(undefined);
                await both[first === 0 ? 1 : 0].promise;
                await raiseOne(2 - first);
                return tryNumber;
              }),
            { overrides: { key } },
          );
        expect((await Promise.all([raise('a', 0), raise('b', 1)])).sort()).toEqual([1, 2]);
        expect(await server.query('SELECT count FROM counters')).toEqual([
          { count: 2 },
          { count: 2 },
        ]);
      });

      it.each([
        ['had happened', { cutReplyAfter: 0 } as const, 1],
        ['had not happened', 'cut' as const, 2],
      ])('finds out that a commit without a reply %s (G32)', async (_what, fault, runs) => {
        const struck = proxy.strike({ request: library.commit }, fault);
        const tries: number[] = [];
        const answer = await send(({ transaction }) =>
          transaction(opened.database, (tx, { tryNumber }) => {
            tries.push(tryNumber);
            return opened.pay(tx);
          }),
        );
        expect(answer).toMatchObject({ amount: 5 });
        await struck;
        expect(tries).toHaveLength(runs);
        expect(await count()).toBe(1);
      });

      it('is not starved by duplicates that wait in a pool of three', async () => {
        const small = await library.open({ port: proxy.port, max: 3 });
        const answers = await Promise.all(
          Array.from({ length: 12 }, () =>
            send(({ transaction }) => transaction(small.database, (tx) => small.pay(tx))),
          ),
        );
        expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
        expect(await count()).toBe(1);
        await small.close();
      });

      it('refuses one inside of another, a name used twice, and an open transaction', async () => {
        await send(async ({ transaction }) => {
          const nested = transaction(opened.database, () =>
            transaction(opened.database, () => 1, { name: 'inner' }),
          );
          await expect(nested).rejects.toThrow('was begun while "transaction" was running');
          const open = transaction(opened.database, (tx) => {
            opened.fromOpen(tx);
          });
          await expect(open).rejects.toThrow(/open transaction|from[A-Z]\w+ takes /);
          await transaction(opened.database, () => 1);
          await expect(transaction(opened.database, () => 2)).rejects.toThrow('already used');
          expect(await transaction(opened.database, () => 3, { name: 'second' })).toBe(3);
        });
      });

      it('says so if the table is missing, the database read-only, or the dialect another', async () => {
        const body = jest.fn();
        const refused = (database: Opened<unknown>['database']): Promise<unknown> =>
          send(({ transaction }) => transaction(database, body)).catch(
            (error: unknown) => (error as Error).message,
          );
        expect(await refused(opened.withTable('nowhere'))).toMatch(/nowhere.*table --dialect/);
        expect(await refused(opened.withTable('payments'))).toContain('has other columns');
        const dialect = server.dialect === 'postgres' ? 'mysql' : 'postgres';
        // Knex finds it out before the server does.
        expect(await refused({ ...opened.database, dialect })).toMatch(
          /the SQL of|Expected \d bindings/,
        );
        await server.query(server.readOnly.begin);
        const reader = await library.open({ port: server.port, max: 1 });
        try {
          expect(await refused(reader.database)).toContain('takes no writes');
        } finally {
          await reader.close();
          await server.query(server.readOnly.end);
        }
        expect(body).not.toHaveBeenCalled();
      });

      it('takes nothing else', () => {
        for (const wrong of library.wrong) expect(wrong).toThrow(TypeError);
        expect(() => opened.withTable('x; DROP TABLE y')).toThrow(RangeError);
      });
    },
  );
}
