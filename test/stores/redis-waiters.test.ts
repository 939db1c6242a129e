import { Redis } from 'ioredis';

import { openApplication, QUICK, type Application } from '../support/application.js';
import { deferred, outcome } from '../support/executions.js';
import { ManualClock } from '../support/manual-clock.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const WAITERS = 500;

describe('who waits for another process', () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let owner: Application;
  const opened: Application[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.call('FLUSHALL');
    proxy = await startTcpProxy(server.port);
    owner = open(server.port);
  });
  afterEach(async () => {
    for (const application of opened.splice(0)) await application.close();
    await proxy.close();
  });

  function open(...how: Parameters<typeof openApplication>): Application {
    const application = openApplication(...how);
    opened.push(application);
    return application;
  }

  /** Starts the execution that everybody waits for; the returned function lets it end. */
  async function startOwner(): Promise<() => Promise<void>> {
    const entered = deferred<undefined>();
    const gate = deferred<undefined>();
    const answered = owner.answer({
      async run() {
        entered.resolve(undefined);
        await gate.promise;
        return outcome('done');
      },
    });
    await entered.promise;
    return async () => {
      gate.resolve(undefined);
      expect(await answered).toBe('done');
    };
  }

  async function clients(type: 'NORMAL' | 'PUBSUB'): Promise<number> {
    const list = String(await server.call('CLIENT', 'LIST', 'TYPE', type));
    // Not counting the one that asks.
    return list.split('\n').filter((line) => line !== '' && !line.includes('cmd=client')).length;
  }

  /** Waits until a waiter's mark stands in the record and somebody listens for its end. */
  async function waiting(): Promise<void> {
    await until(async () => (await clients('PUBSUB')) === 1);
    const [key = ''] = (await server.call('KEYS', '*')) as string[];
    await until(async () => (await server.call('GETRANGE', key, 54, 54)) === '1');
  }

  it('asks Redis once for all that wait in a process, and once more for the answer', async () => {
    const waiter = open(server.port);
    const end = await startOwner();
    expect(await clients('PUBSUB')).toBe(0);
    const commands = await server.commandsDuring(async () => {
      const answers = Array.from({ length: WAITERS }, () => waiter.answer());
      await waiting();
      await end();
      expect(new Set(await Promise.all(answers))).toEqual(new Set(['done']));
    });
    // The waiters: begin, peek, and peek after the message. The owner: complete.
    expect(commands.get('evalsha') ?? 0).toBeLessThanOrEqual(6);
    expect(commands.get('subscribe')).toBe(1);
    expect(commands.get('publish')).toBe(1);
    expect([owner.runs, waiter.runs]).toEqual([1, 0]);
  });

  it('misses nothing that ended while the connection for messages was away', async () => {
    // This clock stands still: no poll comes to help.
    const waiter = open(new Redis(proxy.port, '127.0.0.1', QUICK), {
      clock: new ManualClock(),
    });
    const end = await startOwner();
    const answer = waiter.answer();
    await waiting();
    // Cut, and not able to connect again before it is too late for the message.
    proxy.silence();
    proxy.cut();
    await until(async () => (await clients('PUBSUB')) === 0);
    await end();
    proxy.pass();
    expect(await answer).toBe('done');
    expect(waiter.runs).toBe(0);
  });

  it('gets the answer also where messages cannot be received', async () => {
    await server.call('ACL', 'SETUSER', 'deaf', 'on', '>secret', '~*', '+@all', 'resetchannels');
    const waiter = open(
      new Redis(server.port, '127.0.0.1', { ...QUICK, username: 'deaf', password: 'secret' }),
    );
    const end = await startOwner();
    const answer = waiter.answer();
    await until(async () => (await server.info('errorstats')).has('errorstat_NOPERM'));
    await end();
    expect(await answer).toBe('done');
    expect(await clients('PUBSUB')).toBe(0);
  });
});
