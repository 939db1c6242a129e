import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { outcomeTable } from '../../src/core/database/outcome-table.js';
import { startMariaDb } from '../support/mariadb-server.js';
import { startPostgres } from '../support/postgres-server.js';
import { reap } from '../support/reaper.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import type { FaultTrigger, RequestFault } from '../support/request-fault.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

/** A database that a process dies in. */
interface Database {
  readonly dialect: 'postgres' | 'mysql';
  readonly port: number;
  query(sql: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

/** Starts a database with its tables. */
async function open(dialect: Database['dialect']): Promise<Database> {
  const server = await (dialect === 'postgres' ? startPostgres() : startMariaDb());
  const id = dialect === 'postgres' ? 'serial' : 'int AUTO_INCREMENT';
  for (const sql of [
    ...outcomeTable(dialect).split(';'),
    `CREATE TABLE payments (id ${id} PRIMARY KEY, amount int NOT NULL)`,
    'CREATE TABLE accounts (balance int NOT NULL)',
    'INSERT INTO accounts VALUES (0)',
  ]) {
    if (sql.trim() !== '') await server.query(sql);
  }
  return {
    ...{ dialect, port: server.port },
    query: (sql) => server.query(sql),
    stop: () => server.stop(),
  };
}

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

/** A server process that answers a payment for each key. */
function startWorker(
  redisPort: number,
  { dialect, port }: Pick<Database, 'dialect' | 'port'>,
  ...more: readonly string[]
): Worker {
  const script = join(__dirname, 'crash-worker.mjs');
  const args = [script, String(redisPort), dialect, String(port), ...more];
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

const REQUESTS: readonly (readonly [string, Pick<Point, 'server' | 'trigger'>])[] = [
  ['claim in Redis', { server: 'redis', trigger: { request: 'pay:' } }],
  ['BEGIN', { server: 'postgres', trigger: { request: 'BEGIN' } }],
  [
    'claim of the row',
    { server: 'postgres', trigger: { request: 'INSERT INTO graphql_idempotency (' } },
  ],
  ['body, first statement', { server: 'postgres', trigger: { request: 'UPDATE accounts' } }],
  ['body, last statement', { server: 'postgres', trigger: { request: 'INSERT INTO payments' } }],
  ['outcome', { server: 'postgres', trigger: { request: 'WITH kept' } }],
  ['COMMIT', { server: 'postgres', trigger: { request: 'COMMIT' } }],
  ['outcome in Redis', { server: 'redis', trigger: { request: 'pay:', nth: 2 } }],
];

const POINTS = REQUESTS.flatMap(([name, at]): [string, Point][] => [
  [`before its ${name}`, { ...at, fault: 'loseRequest' }],
  [`after its ${name}`, { ...at, fault: 'loseReply' }],
]);

describe('a server that is killed (G30)', () => {
  let redis: RedisServer;
  let postgres: Database;
  /** The one that retries go to. */
  let other: Worker;
  let proxies: Record<'redis' | 'postgres', TcpProxy>;

  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedis(), open('postgres')]);
    proxies = {
      redis: await startTcpProxy(redis.port),
      postgres: await startTcpProxy(postgres.port),
    };
    other = startWorker(redis.port, postgres);
  });

  afterAll(async () => {
    other.kill();
    await Promise.all([proxies.redis.close(), proxies.postgres.close()]);
    await Promise.all([redis.stop(), postgres.stop()]);
  });

  for (const forgets of [true, false]) {
    const redisDoes = forgets ? 'Redis forgets everything' : 'Redis remembers its claim';
    it.each(POINTS)(`%s has one effect and one answer, if ${redisDoes}`, async (name, point) => {
      const key = `${forgets ? 'f' : 'r'}-${name.replaceAll(/\W/g, '-')}`;
      const before = await postgres.query('SELECT * FROM payments');
      const struck = proxies[point.server].strike(point.trigger, point.fault);
      const first = startWorker(proxies.redis.port, { ...postgres, port: proxies.postgres.port });
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

/** What the page about databases tells to set. */
const BOUNDS = {
  postgres: "ALTER ROLE test SET idle_in_transaction_session_timeout = '3s'",
  mysql: 'SET GLOBAL idle_write_transaction_timeout = 3',
};

describe.each(['postgres', 'mysql'] as const)('a server that freezes in %s (G30)', (dialect) => {
  let redis: RedisServer;
  let database: Database;
  const workers: Worker[] = [];

  beforeAll(async () => {
    [redis, database] = await Promise.all([startRedis(), open(dialect)]);
    await database.query(BOUNDS[dialect]);
  });

  afterAll(async () => {
    for (const worker of workers) worker.kill();
    await Promise.all([redis.stop(), database.stop()]);
  });

  it('holds its key as long as the database lets it, and commits nothing later', async () => {
    const frozen = startWorker(redis.port, database, 'holds');
    const other = startWorker(redis.port, database);
    workers.push(frozen, other);
    expect(await frozen.pay('frozen')).toBe('holding');
    frozen.signal('SIGSTOP');
    const answer = await other.pay('frozen');
    const late = frozen.next();
    frozen.signal('SIGUSR2');
    frozen.signal('SIGCONT');
    const payments = await database.query('SELECT id, amount FROM payments');
    expect(payments).toHaveLength(1);
    const paid = { data: { pay: payments[0] } };
    expect(answer).toMatchObject(paid);
    expect(await late).toMatchObject(paid);
    expect(await other.pay('frozen')).toMatchObject(paid);
    expect(await database.query('SELECT id, amount FROM payments')).toEqual(payments);
  });
});
