import { Redis } from 'ioredis';

import { proveScript } from '../../src/stores/redis/replication/prove-script.js';
import { openApplication, QUICK, type Application } from '../support/application.js';
import type { ApplicationClient } from '../support/redis-clients.js';
import { failure, codeOf, outcome } from '../support/executions.js';
import { startReplicas, type RedisReplicas } from '../support/redis-replicas.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { claimed, newBegin, rivalOf } from '../support/requests.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const UNAVAILABLE = 'IDEMPOTENCY_STORE_UNAVAILABLE';
const REPLICAS_TIMEOUT_MS = 100;
const NAME = 'application';

describe('a store that waits for replicas (G24)', () => {
  let redis: RedisReplicas;
  let proxy: TcpProxy;
  const opened: Application[] = [];

  beforeAll(async () => {
    redis = await startReplicas(2);
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    proxy = await startTcpProxy(redis.primary.port);
  });
  afterEach(async () => {
    for (const application of opened.splice(0)) await application.close();
    await proxy.close();
    await redis.catchUp();
    await redis.primary.call('FLUSHALL');
  });

  function open(replicas: number | 'all', client?: ApplicationClient): Application {
    const application = openApplication(
      client ?? new Redis(proxy.port, '127.0.0.1', { ...QUICK, connectionName: NAME }),
      // What fails here fails because of the replicas, not for lack of patience.
      { store: { replicas, replicasTimeoutMs: REPLICAS_TIMEOUT_MS } },
    );
    opened.push(application);
    return application;
  }

  /** One that has seen both replicas. */
  async function openAll(): Promise<Application> {
    const application = open('all');
    await application.answer({ key: 'first' });
    return application;
  }

  /** Halts so many replicas; the primary goes on counting them for a while. */
  function halt(count = 2): void {
    for (const replica of redis.replicas.slice(0, count)) replica.pause();
  }

  /** Waits until somebody waits for replicas there. */
  async function someoneWaits(server: RedisServer): Promise<void> {
    await until(async () => (await server.info('clients')).get('blocked_clients') === '1');
  }

  const halting = (count: number) => (): void => {
    halt(count);
  };

  it.each([
    ['all', 'one of two is halted', halting(1)],
    ['all', 'both are halted', halting(2)],
    ['all', 'both are cut off', () => redis.lag()],
    ['all', 'one of two is cut off', () => redis.lag(redis.replicas.slice(0, 1))],
    [2, 'one of two is halted', halting(1)],
    [1, 'both are cut off', () => redis.lag()],
  ] as const)('with replicas %p runs nothing while %s', async (replicas, _, disturb) => {
    const one = open(replicas);
    await one.answer({ key: 'first' });
    await disturb();
    expect(await codeOf(one.execute())).toBe(UNAVAILABLE);
    expect(one.runs).toBe(1);
    await redis.catchUp();
    expect(await one.execute()).toMatchObject({ kind: 'executed', stored: true });
    expect(one.runs).toBe(2);
  });

  it('with replicas 1 goes on while one of two is halted', async () => {
    halt(1);
    expect(await open(1).execute()).toMatchObject({ kind: 'executed', stored: true });
  });

  it('does not call an outcome stored, nor replay it, before the replicas have it', async () => {
    const [one, two] = [await openAll(), await openAll()];
    const answer = await one.execute({
      run() {
        halt(1);
        return Promise.resolve(outcome('done'));
      },
    });
    expect(answer).toMatchObject({ kind: 'executed', answer: 'done', stored: false });
    expect(await codeOf(two.execute())).toBe(UNAVAILABLE);
    await redis.catchUp();
    expect(await two.execute()).toMatchObject({ kind: 'replayed' });
    await until(() => one.engine.drain(100).then(({ writes }) => writes === 0));
    expect(two.runs).toBe(0);
  });

  it('does not begin an atMostOnce step before the replicas have its mark', async () => {
    const one = await openAll();
    let charges = 0;
    const failed = codeOf(
      one.execute({
        async run({ step }) {
          halt();
          const code = await codeOf(step('charge', () => (charges += 1), { atMostOnce: true }));
          await redis.catchUp();
          return failure(String(code));
        },
      }),
    );
    expect(await failed).toMatchObject({ message: UNAVAILABLE });
    expect(charges).toBe(0);
  });

  it('keeps to the database that the option of the client names', async () => {
    const client = new Redis(proxy.port, '127.0.0.1', { ...QUICK, db: 5 });
    expect(await open('all', client).answer()).toBe('done');
    expect(await redis.primary.call('DBSIZE')).toBe(0);
  });

  it('is not fooled when Redis has forgotten its scripts', async () => {
    const one = await openAll();
    await redis.primary.call('SCRIPT', 'FLUSH');
    halt();
    expect(await codeOf(one.execute())).toBe(UNAVAILABLE);
    await redis.catchUp();
    await redis.primary.call('SCRIPT', 'FLUSH');
    expect(await one.execute()).toMatchObject({ kind: 'executed', stored: true });
  });

  describe('when it meets two primaries', () => {
    /** Takes claims, and has no replica that could acknowledge them. */
    let lonely: RedisServer;
    let one: Application;
    beforeEach(async () => {
      lonely = await startRedis();
      await lonely.call('SCRIPT', 'LOAD', proveScript.lua);
      proxy.redirect(lonely.port);
      one = open(2);
      await one.store.ping();
    });
    afterEach(() => lonely.stop());

    it('is not fooled by replicas of one that has not got the claim', async () => {
      // The connection that waits is not open yet.
      proxy.redirect(redis.primary.port);
      expect(await codeOf(one.execute())).toBe(UNAVAILABLE);
      expect(one.runs).toBe(0);
    });

    it('is not fooled by replicas of one that it has reached while it waited', async () => {
      const refused = codeOf(one.execute());
      await someoneWaits(lonely);
      // What is not answered yet is sent again, and that is only the end of the batch: WAIT.
      proxy.redirect(redis.primary.port);
      proxy.cut();
      expect(await refused).toBe(UNAVAILABLE);
      expect(one.runs).toBe(0);
    });
  });

  it('goes on after the connection that waits has fallen silent', async () => {
    const one = await openAll();
    void proxy.strike({ request: /\r\nwait\r\n/ }, 'loseReply');
    expect(await codeOf(one.execute())).toBe(UNAVAILABLE);
    expect(await one.execute()).toMatchObject({ kind: 'executed', outcome: { attempt: 1 } });
  });

  it('waits on a connection of its own: other commands are not held up', async () => {
    const one = await openAll();
    const running = newBegin();
    await claimed(one.store, running);
    halt();
    const order: string[] = [];
    const claim = one.store.begin(newBegin()).catch(() => order.push('the claim that waits'));
    await someoneWaits(redis.primary);
    expect((await one.store.begin(rivalOf(running))).kind).toBe('running');
    order.push('the other command');
    await claim;
    expect(order).toEqual(['the other command', 'the claim that waits']);
  });

  it('waits once for all that came together', async () => {
    const one = await openAll();
    const commands = await redis.primary.commandsDuring(async () => {
      await Promise.all(Array.from({ length: 100 }, () => claimed(one.store, newBegin())));
    });
    expect(commands.get('wait')).toBeLessThanOrEqual(3);
    // 100 proofs, and the claims in three commands: the first one at once, then 64 and 35.
    expect(commands.get('evalsha')).toBe(103);
  });

  it('puts an outcome back whose claim a promotion has lost, and says so', async () => {
    // It waits for one of two, and cannot know which of them will be promoted.
    const one = open(1);
    const [behind] = redis.replicas;
    if (behind === undefined) throw new Error('There is no replica.');
    await redis.lag([behind]);
    const answer = await one.execute({
      async run() {
        await redis.promote(behind);
        proxy.redirect(redis.primary.port);
        proxy.cut();
        await one.store.ping();
        return outcome('done');
      },
    });
    expect(answer).toMatchObject({ kind: 'executed', answer: 'done', stored: true });
    expect(one.events).toContainEqual(expect.objectContaining({ type: 'claimLost', attempt: 1 }));
    expect(await one.execute()).toMatchObject({ kind: 'replayed' });
    await redis.rejoin();
  });

  it('leaves no connection behind', async () => {
    const connections = async (): Promise<number> => {
      const list = String(await redis.primary.call('CLIENT', 'LIST'));
      return list.split('\n').filter((line) => line.includes(`name=${NAME}`)).length;
    };
    const one = await openAll();
    expect(await connections()).toBe(2);
    await one.close();
    await until(async () => (await connections()) === 0);
  });
});
