import { setImmediate as nextTurn } from 'node:timers/promises';
import { Redis as Valkey } from 'iovalkey';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';

import { RedisStore } from '../../src/stores/redis/index.js';
import { openApplication, QUICK, type Application } from '../support/application.js';
import { failure, codeOf, outcome } from '../support/executions.js';
import { SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { newBegin } from '../support/requests.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const NAME = 'closing';

describe('a process that closes', () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  let other: Application;
  const opened: Application[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.call('FLUSHALL');
    proxy = await startTcpProxy(server.port);
    other = openApplication(server.port);
    await other.store.ping();
  });
  afterEach(async () => {
    for (const application of opened.splice(0)) await application.close();
    await other.close();
    await proxy.close();
  });

  /** What keeps this process alive beyond `before`, apart from the proxy's ends of connections. */
  function leftovers(before: readonly string[]): string[] {
    const known = [...before, ...Array<string>(2 * proxy.connections).fill('TCPSocketWrap')];
    return process.getActiveResourcesInfo().filter((resource) => {
      const index = known.indexOf(resource);
      if (index >= 0) known.splice(index, 1);
      return index < 0;
    });
  }

  function open(): Application {
    const client = new Redis(proxy.port, '127.0.0.1', { ...QUICK, connectionName: NAME });
    const application = openApplication(client);
    // Closed by the test itself, if it comes so far.
    opened.push(application);
    return application;
  }

  async function connections(): Promise<number> {
    const list = String(await server.call('CLIENT', 'LIST'));
    return list.split('\n').filter((line) => line.includes(`name=${NAME}`)).length;
  }

  /** Another process starts an execution that ends when `here` has begun to wait for it. */
  async function waitFor(here: Application, key: string): Promise<void> {
    const first = other.execute({
      key,
      async run() {
        const waiter = here.answer({ key });
        await until(async () => {
          return String(await server.call('CLIENT', 'LIST', 'TYPE', 'PUBSUB')).includes(NAME);
        });
        void waiter;
        return outcome('done');
      },
    });
    await first;
    expect(await here.answer({ key })).toBe('done');
  }

  it.each([
    ['ioredis 6', (port: number) => new Redis(port, '127.0.0.1', QUICK)],
    ['ioredis 5', (port: number) => new Redis5(port, '127.0.0.1', QUICK)],
    ['iovalkey', (port: number) => new Valkey(port, '127.0.0.1', QUICK)],
  ])('over %s may be subscribing again: no rejection is left to nobody', async (_name, connect) => {
    const client = connect(proxy.port);
    const store = new RedisStore(client, { service: SERVICE });
    await store.watch(newBegin().recordId, () => undefined);
    // Both the store's subscription and what the client would send by itself stay without a reply.
    const again = proxy.strike({ request: 'subscribe' }, 'loseReply');
    proxy.cut();
    await again;
    await store.close();
    client.disconnect();
    // A rejection that nobody handles is told at the end of a turn, and fails the test.
    await until(() => proxy.connections === 0);
    await nextTurn();
  });

  it('leaves no connection, no timer and nothing else behind after every kind of request', async () => {
    const before = process.getActiveResourcesInfo();
    const here = open();
    await here.answer({ key: 'run' });
    await here.answer({ key: 'run' });
    await codeOf(here.execute({ key: 'run', fingerprint: 'g'.repeat(43) }));
    await codeOf(here.execute({ key: 'failure', run: () => Promise.resolve(failure('boom')) }));
    await waitFor(here, 'wait');
    expect(await connections()).toBe(2);
    server.pause();
    await codeOf(here.timeOut(here.execute({ key: 'refused' })));
    server.resume();
    expect(await here.engine.drain(1_000)).toEqual({ executions: 0, writes: 0 });
    await here.close();
    await until(async () => (await connections()) === 0);
    await until(() => leftovers(before).length === 0);
    // The library's own timers keep no process alive, but they shall not go on for ever either.
    await until(() => here.clock.runOut() === 0);
  });

  it.each([
    [
      'is silent',
      (): void => {
        proxy.silence();
      },
    ],
    [
      'was cut and is silent',
      (): void => {
        proxy.silence();
        proxy.cut();
      },
    ],
  ])('leaves nothing behind when its connection %s', async (_, disturb) => {
    const before = process.getActiveResourcesInfo();
    const here = open();
    await waitFor(here, 'wait');
    disturb();
    await codeOf(here.timeOut(here.execute({ key: 'refused' })));
    await here.close();
    await until(() => leftovers(before).length === 0);
    await until(() => here.clock.runOut() === 0);
  });
});
