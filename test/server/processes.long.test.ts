import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type Answer } from '../client/client.js';
import {
  CreatePaymentDocument,
  PaymentsDocument,
  type CreatePaymentMutation,
} from '../client/generated/graphql.js';
import { startCluster } from '../support/redis-cluster.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startServerProcess, type ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';
import { ORDER } from './start.js';

describe('payments servers in processes of their own, on one Redis', () => {
  let redis: RedisServer;
  let folder: string;
  let running: ServerProcess[];
  let env: Record<string, string>;

  beforeAll(async () => {
    redis = await startRedis({ args: ['--appendonly', 'yes'] });
  });
  afterAll(() => redis.stop());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'payments-'));
    env = { REDIS_URL: redis.url, DATABASE_FILE: join(folder, 'payments.db') };
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((server) => server.end('SIGKILL')));
    rmSync(folder, { recursive: true });
  });

  async function start(more: Record<string, string> = {}): Promise<ServerProcess> {
    const server = await startServerProcess({ ...env, ...more });
    running.push(server);
    return server;
  }

  let keys = 0;
  const newKey = (): string => `${String(process.pid)}-${String((keys += 1))}`;

  const pay = (
    server: ServerProcess,
    key: string,
    caller = 'alice',
  ): Promise<Answer<CreatePaymentMutation>> => {
    const input = caller === 'alice' ? ORDER : { ...ORDER, from: ORDER.to, to: ORDER.from };
    return createClient(server.url, caller).send(CreatePaymentDocument, { input, key });
  };

  const countOf = async (server: ServerProcess, caller = 'alice'): Promise<unknown> =>
    (await createClient(server.url, caller).send(PaymentsDocument, {})).data?.payments.totalCount;

  const idOf = ({ data, errors }: Answer<CreatePaymentMutation>): unknown => {
    expect(errors).toEqual([]);
    return data?.createPayment.__typename === 'Payment' ? data.createPayment.id : undefined;
  };

  it('make one payment of 200 parallel requests with one key, and give 200 equal answers (G1, G2)', async () => {
    const [one, two] = [await start(), await start()];
    const key = newKey();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => pay(index % 2 === 0 ? one : two, key)),
    );
    const bodies = new Set(answers.map(({ data, errors }) => JSON.stringify([data, errors])));
    expect(bodies.size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(idOf(answers[0] as Answer<CreatePaymentMutation>)).toMatch(/^pay_/);
    expect(await countOf(one)).toBe(1);
  });

  it('execute once even without a ledger in common: the record alone is enough (G1)', async () => {
    const [one, two] = [
      await start({ DATABASE_FILE: ':memory:', PROCESSOR_LATENCY_MS: '200' }),
      await start({ DATABASE_FILE: ':memory:', PROCESSOR_LATENCY_MS: '200' }),
    ];
    const key = newKey();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => pay(index % 2 === 0 ? one : two, key)),
    );
    expect(new Set(answers.map(idOf)).size).toBe(1);
    expect([await countOf(one), await countOf(two)].sort()).toEqual([0, 1]);
  });

  it('replay after a restart', async () => {
    const key = newKey();
    const first = await start();
    const before = await pay(first, key);
    expect(await first.end('SIGTERM')).toBe(0);
    const after = await pay(await start(), key);
    expect(idOf(after)).toBe(idOf(before));
    expect(after.replayed).toBe(true);
  });

  it('keep two callers with one key apart (G3)', async () => {
    const server = await start();
    const key = newKey();
    const [mine, theirs] = [await pay(server, key), await pay(server, key, 'bob')];
    expect(idOf(mine)).not.toBe(idOf(theirs));
    expect([await countOf(server), await countOf(server, 'bob')]).toEqual([1, 1]);
  });

  it('finish what is in flight when they are told to stop', async () => {
    const server = await start({ PROCESSOR_LATENCY_MS: '500' });
    const key = newKey();
    const answered = pay(server, key);
    await sleep(200);
    const exited = server.end('SIGTERM');
    const id = idOf(await answered);
    expect(await exited).toBe(0);
    const after = await pay(await start(), key);
    expect([idOf(after), after.replayed]).toEqual([id, true]);
  });

  it('make one payment although the first server was killed in the middle of it (G11)', async () => {
    const lease = { IDEMPOTENCY_LEASE_MS: '1500' };
    const doomed = await start({ ...lease, PROCESSOR_LATENCY_MS: '60000' });
    const key = newKey();
    const lost = pay(doomed, key).catch(() => 'no answer');
    await sleep(300);
    const next = await start(lease);
    await doomed.end('SIGKILL');
    expect(await lost).toBe('no answer');
    // It waits for the lease to lapse, and pays as attempt 2.
    const answer = await pay(next, key);
    expect(idOf(answer)).toMatch(/^pay_/);
    expect(answer.extensions?.idempotency?.['createPayment']?.attempt).toBe(2);
    expect((await pay(next, key)).replayed).toBe(true);
    expect(await countOf(next)).toBe(1);
  });

  it('say that they are not well while Redis is away, run nothing, and recover (G12)', async () => {
    const server = await start();
    const health = async (): Promise<number> => (await fetch(`${server.url}health`)).status;
    const key = newKey();
    const before = await pay(server, newKey());
    expect(idOf(before)).toMatch(/^pay_/);
    expect(await health()).toBe(200);
    await redis.kill();
    expect(await health()).toBe(503);
    const refused = await pay(server, key);
    expect(refused.errors[0]?.extensions).toMatchObject({
      code: 'IDEMPOTENCY_STORE_UNAVAILABLE',
      retryable: true,
    });
    expect(await countOf(server)).toBe(1);
    await redis.restart();
    await until(async () => (await health()) === 200);
    expect(idOf(await pay(server, key))).toMatch(/^pay_/);
  });

  it('work on a cluster too', async () => {
    const cluster = await startCluster();
    try {
      const urls = cluster.nodes.map(({ port }) => `redis://127.0.0.1:${String(port)}`).join(',');
      const [one, two] = [await start({ REDIS_URL: urls }), await start({ REDIS_URL: urls })];
      for (let payment = 0; payment < 10; payment += 1) {
        const key = newKey();
        const answers = await Promise.all([one, two, one, two].map((server) => pay(server, key)));
        expect(new Set(answers.map(idOf)).size).toBe(1);
      }
      expect(await countOf(one)).toBe(10);
    } finally {
      await Promise.all(running.splice(0).map((server) => server.end('SIGKILL')));
      await cluster.stop();
    }
  });

  it('say what is wrong, and exit, when a setting is', async () => {
    await expect(start({ PORT: 'http' })).rejects.toThrow(/exited with 1: PORT must be/);
    const busy = await start();
    const port = new URL(busy.url).port;
    await expect(start({ PORT: port })).rejects.toThrow(
      `exited with 1: Port ${port} is in use. Stop the program that uses it, or set PORT to another.`,
    );
  });
});
