import { Cluster, Redis } from 'ioredis';
import {
  RedisStore,
  type RedisLike,
  type RedisStoreOptions,
} from '../../src/stores/redis/index.js';
import { codes } from '../graphql/apollo.js';
import { SERVICE } from '../support/redis-keys.js';
import { startCluster } from '../support/redis-cluster.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { PAY, payments } from './payments.js';
import { startSubject, statusOf, withKey, type Subject } from './subject.js';

describe('a Redis that cannot keep records', () => {
  let server: RedisServer;
  let admin: Redis;
  let clients: Redis[];

  beforeAll(async () => {
    server = await startRedis({ args: ['--appendonly', 'yes'] });
    admin = new Redis(server.port, '127.0.0.1');
  });
  beforeEach(() => {
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) client.disconnect();
    await admin.flushall();
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  function connect(options: { protocol?: 2; username?: string; password?: string } = {}): Redis {
    const client = new Redis(server.port, '127.0.0.1', {
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      enableReadyCheck: false,
      ...options,
    });
    client.on('error', () => undefined);
    clients.push(client);
    return client;
  }

  const start = (client: RedisLike, options: Partial<RedisStoreOptions> = {}): Promise<Subject> =>
    startSubject(
      payments({ options: { store: new RedisStore(client, { service: SERVICE, ...options }) } }),
    );

  const broken: [string, () => Promise<Redis>][] = [
    [
      'row 127: a client that is closed',
      async () => {
        const client = connect();
        await client.ping();
        client.disconnect();
        return client;
      },
    ],
    [
      'row 127: a client that subscribes',
      async () => {
        // With the older protocol a connection that subscribes takes no other command.
        const client = connect({ protocol: 2 });
        await client.subscribe('news');
        return client;
      },
    ],
    [
      'row 127: a client within MULTI',
      async () => {
        const client = connect();
        await client.multi({ pipeline: false });
        return client;
      },
    ],
  ];

  it.each(broken)('%s runs nothing', async (_, open) => {
    const subject = await start(await open());
    expect(subject.events.map(({ type }) => type)).toContain('storeFailure');
    const response = await subject.post(PAY, withKey('k1'));
    expect(codes(response)).toEqual(['IDEMPOTENCY_STORE_UNAVAILABLE']);
    expect(response.body.errors?.[0]?.extensions).toMatchObject({ retryable: true });
    expect(subject.runs).toEqual([]);
    expect(await admin.dbsize()).toBe(0);
    await subject.stop();
  });

  it.each(broken)('%s keeps a strict server from starting', async (_, open) => {
    const started = start(await open(), { strict: true });
    await expect(started).rejects.toThrow('Redis could not be checked');
  });

  it('row 127: a client whose keyPrefix is a hash tag works, with every record in one slot', async () => {
    const cluster = await startCluster();
    const client = new Cluster([...cluster.nodes], { redisOptions: { keyPrefix: '{app}:' } });
    try {
      const subject = await start(client);
      for (const key of ['k1', 'k2', 'k3', 'k1']) await subject.post(PAY, withKey(key));
      expect(subject.runs).toHaveLength(3);
      const sizes = await Promise.all(client.nodes('master').map((node) => node.dbsize()));
      expect(sizes.sort()).toEqual([0, 0, 3]);
      await subject.stop();
    } finally {
      client.disconnect();
      await cluster.stop();
    }
  });

  it('row 127: a prefix with a brace in it is refused', () => {
    expect(() => new RedisStore(connect(), { service: SERVICE, prefix: 'a{b' })).toThrow('braces');
  });

  /** A client whose user has every permission but one. */
  async function without(command: string): Promise<Redis> {
    const rules = ['reset', 'on', '>secret', '~*', '&*', '+@all', `-${command}`];
    await admin.call('acl', 'setuser', 'app', ...rules);
    return connect({ username: 'app', password: 'secret' });
  }

  it.each([
    ['row 128: EVAL', 'eval', {}],
    ['row 128: EVALSHA', 'evalsha', {}],
    ['row 128: WAIT, where replicas are waited for', 'wait', { replicas: 1 }],
  ])(
    '%s without permission keeps a strict server from starting, and is named',
    async (_, command, options) => {
      const started = start(await without(command), { ...options, strict: true });
      await expect(started).rejects.toThrow(
        new RegExp(`idempotencyPlugin refuses to start[^]*${command}`, 'i'),
      );
    },
  );

  it('row 128: EVAL without permission runs nothing on a server that is not strict', async () => {
    await admin.script('FLUSH');
    const subject = await start(await without('eval'));
    expect(JSON.stringify(subject.events)).toMatch(/storeSetting.*eval/i);
    expect(codes(await subject.post(PAY, withKey('k1')))).toEqual([
      'IDEMPOTENCY_STORE_UNAVAILABLE',
    ]);
    expect(subject.runs).toEqual([]);
    await subject.stop();
  });

  describe('because it may evict them', () => {
    beforeEach(() => admin.config('SET', 'maxmemory-policy', 'allkeys-lru'));
    afterEach(() => admin.config('SET', 'maxmemory-policy', 'noeviction'));

    it('row 129: keeps a strict server from starting', async () => {
      await expect(start(connect(), { strict: true })).rejects.toThrow(
        /idempotencyPlugin refuses to start[^]*maxmemory-policy is allkeys-lru[^]*noeviction/,
      );
    });

    it('row 129: is told to an operator of another', async () => {
      const subject = await start(connect());
      expect(subject.events).toContainEqual({
        type: 'storeSetting',
        problem: expect.stringContaining('Set it to noeviction') as string,
      });
      expect(statusOf(await subject.post(PAY, withKey('k1')), 'pay')).toBe('executed');
      await subject.stop();
    });
  });
});
