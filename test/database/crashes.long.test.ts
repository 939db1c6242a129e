import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { outcomeTable } from '../../src/core/database/outcome-table.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { reap } from '../support/reaper.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import type { FaultTrigger, RequestFault } from '../support/request-fault.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

/** Where a process is killed: by which request, to which server, and whether that still arrives. */
interface Point {
  readonly server: 'redis' | 'postgres';
  readonly trigger: FaultTrigger;
  readonly fault: RequestFault;
}

interface Worker {
  /** As `kill -9`. */
  kill(): void;
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void;
  /** Resolves with what it prints next. */
  next(): Promise<unknown>;
  /** Resolves with the response, unless the worker is killed before. */
  pay(key: string): Promise<unknown>;
}

const REQUESTS: readonly (readonly [string, Pick<Point, 'server' | 'trigger'>])[] = [
  ['claim in Redis', { server: 'redis', trigger: { request: 'pay:' } }],
  ['BEGIN', { server: 'postgres', trigger: { request: 'BEGIN' } }],
  ['claim of the row', { server: 'postgres', trigger: { request: 'WITH earlier' } }],
  ['body, first statement', { server: 'postgres', trigger: { request: 'UPDATE accounts' } }],
  ['body, last statement', { server: 'postgres', trigger: { request: 'INSERT INTO payments' } }],
  ['outcome', { server: 'postgres', trigger: { request: 'UPDATE graphql_idempotency' } }],
  ['COMMIT', { server: 'postgres', trigger: { request: 'COMMIT' } }],
  ['outcome in Redis', { server: 'redis', trigger: { request: 'pay:', nth: 2 } }],
];

const POINTS = REQUESTS.flatMap(([name, at]): [string, Point][] => [
  [`before its ${name}`, { ...at, fault: 'loseRequest' }],
  [`after its ${name}`, { ...at, fault: 'loseReply' }],
]);

describe('a server that is killed (G30)', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  /** The one that retries go to. */
  let other: Worker;
  let proxies: Record<'redis' | 'postgres', TcpProxy>;

  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    await postgres.query(outcomeTable('postgres', 'graphql_idempotency'));
    await postgres.query('CREATE TABLE payments (id serial PRIMARY KEY, amount int NOT NULL)');
    await postgres.query('CREATE TABLE accounts (balance int NOT NULL)');
    await postgres.query('INSERT INTO accounts VALUES (0)');
    proxies = {
      redis: await startTcpProxy(redis.port),
      postgres: await startTcpProxy(postgres.port),
    };
    other = startWorker([redis.port, postgres.port]);
  });

  afterAll(async () => {
    other.kill();
    await Promise.all([proxies.redis.close(), proxies.postgres.close()]);
    await Promise.all([redis.stop(), postgres.stop()]);
  });

  /** A server process that answers a payment for each key. */
  function startWorker(ports: readonly number[], ...more: readonly string[]): Worker {
    const args = [join(__dirname, 'crash-worker.mjs'), ...ports.map(String), ...more];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    reap(child);
    child.stdin.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout });
    const next = async (): Promise<unknown> => {
      const [line] = (await once(lines, 'line')) as string[];
      return JSON.parse(line ?? '') as unknown;
    };
    return {
      kill: () => child.kill('SIGKILL'),
      signal: (name) => child.kill(name),
      next,
      pay(key) {
        const answer = next();
        child.stdin.write(`${key}\n`);
        return answer;
      },
    };
  }

  it('frozen in its transaction holds its key as long as the database lets it, and commits nothing later', async () => {
    const before = await postgres.query('SELECT * FROM payments');
    // What the page about databases tells.
    await postgres.query("ALTER ROLE test SET idle_in_transaction_session_timeout = '3s'");
    const frozen = startWorker([redis.port, postgres.port], 'holds');
    try {
      expect(await frozen.pay('frozen')).toBe('holding');
      frozen.signal('SIGSTOP');
      const answer = await other.pay('frozen');
      const late = frozen.next();
      frozen.signal('SIGUSR2');
      frozen.signal('SIGCONT');
      const payments = await postgres.query(
        `SELECT id, amount FROM payments OFFSET ${String(before.length)}`,
      );
      expect(payments).toHaveLength(1);
      expect(answer).toMatchObject({ data: { pay: payments[0] } });
      expect(await late).toMatchObject({ data: { pay: payments[0] } });
      expect(await other.pay('frozen')).toMatchObject({ data: { pay: payments[0] } });
      const after = await postgres.query('SELECT count(*)::int AS count FROM payments');
      expect(after).toEqual([{ count: before.length + 1 }]);
    } finally {
      frozen.kill();
      await postgres.query('ALTER ROLE test RESET idle_in_transaction_session_timeout');
    }
  });

  for (const forgets of [true, false]) {
    const redisDoes = forgets ? 'Redis forgets everything' : 'Redis remembers its claim';
    it.each(POINTS)(`%s has one effect and one answer, if ${redisDoes}`, async (name, point) => {
      const key = `${forgets ? 'f' : 'r'}-${name.replaceAll(/\W/g, '-')}`;
      const before = await postgres.query('SELECT * FROM payments');
      const struck = proxies[point.server].strike(point.trigger, point.fault);
      const first = startWorker([proxies.redis.port, proxies.postgres.port]);
      void first.pay(key);
      await struck;
      first.kill();
      // The proxy holds back what comes behind a lost request, and so the end of the connection.
      for (const proxy of Object.values(proxies)) proxy.cut();
      if (forgets) await redis.call('FLUSHALL');
      const answer = await other.pay(key);
      const payments = await postgres.query(
        `SELECT id, amount FROM payments OFFSET ${String(before.length)}`,
      );
      expect(payments).toHaveLength(1);
      expect(answer).toMatchObject({ data: { pay: payments[0] } });
      const [account] = await postgres.query(
        'SELECT balance, (SELECT -sum(amount)::int FROM payments) AS paid FROM accounts',
      );
      expect(account?.['balance']).toBe(account?.['paid']);
    });
  }
});
