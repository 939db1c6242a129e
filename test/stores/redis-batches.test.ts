import { Redis } from 'ioredis';
import { RedisStore, type IoRedisLike } from '../../src/stores/redis/index.js';
import { SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { claimed, completed, newBegin, rivalOf } from '../support/requests.js';

describe('what a RedisStore is asked in one turn of the event loop', () => {
  let server: RedisServer;
  let redis: Redis;
  let store: RedisStore;
  let pipelines: number;
  let alone: number;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    redis = new Redis(server.port, '127.0.0.1');
    await redis.flushall();
    open({});
    await completed(store, newBegin());
    pipelines = 0;
    alone = 0;
  });
  afterEach(async () => {
    await store.close();
    redis.disconnect();
  });

  /** A store over a client that counts, or does as it is told. */
  function open(told: Partial<Pick<IoRedisLike, 'pipeline'>>): void {
    store = new RedisStore(
      {
        callBuffer: (command, args) => {
          alone += 1;
          return redis.callBuffer(command, args);
        },
        pipeline: () => {
          pipelines += 1;
          return redis.pipeline();
        },
        duplicate: () => redis.duplicate(),
        ...told,
      },
      { service: SERVICE },
    );
  }

  const beginMany = (count: number): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, async () => (await store.begin(newBegin())).kind));
  const allClaimed = (count: number): string[] => Array.from({ length: count }, () => 'claimed');

  it('travels together', async () => {
    const commands = await server.commandsDuring(async () => {
      expect(await beginMany(50)).toEqual(allClaimed(50));
    });
    expect([pipelines, alone]).toEqual([0, 2]);
    // The first one has nothing to wait for.
    expect(commands.get('evalsha')).toBe(2);
  });

  it('is sent at once when nothing is in flight', async () => {
    expect(await beginMany(1)).toEqual(allClaimed(1));
    expect([pipelines, alone]).toEqual([0, 1]);
  });

  it('is sent again with the scripts if Redis has forgotten them', async () => {
    await redis.script('FLUSH');
    expect(await beginMany(50)).toEqual(allClaimed(50));
  });

  it('is at most 64 keys at a time', async () => {
    const commands = await server.commandsDuring(async () => {
      expect(await beginMany(200)).toEqual(allClaimed(200));
    });
    // One at once, then 64, 64, 64 and 7 in one write.
    expect(commands.get('evalsha')).toBe(5);
    expect([pipelines, alone]).toEqual([1, 1]);
  });

  it('gets each its own answer', async () => {
    const [ended, running] = [newBegin(), newBegin()];
    await completed(store, ended, { payload: Buffer.from('the outcome') });
    await claimed(store, running);
    const { fingerprint } = newBegin();
    const replies = await Promise.all([
      store.begin(newBegin()),
      store.begin(rivalOf(running)),
      store.peek(newBegin()),
      store.begin(rivalOf(ended)),
      store.begin(rivalOf(ended, { fingerprint })),
      store.peek(ended),
      store.begin(newBegin()),
    ]);
    const kinds = ['claimed', 'running', 'vacant', 'completed', 'mismatch', 'completed', 'claimed'];
    expect(replies.map(({ kind }) => kind)).toEqual(kinds);
    for (const reply of [replies[3], replies[5]]) {
      const payload = reply.kind === 'completed' ? reply.outcome.payload : [];
      expect(Buffer.from(payload).toString()).toBe('the outcome');
    }
  });

  it('is refused one by one, and no outcome with the claims', async () => {
    const [ended, held] = [newBegin(), newBegin()];
    await completed(store, ended);
    await claimed(store, held);
    await redis.config('SET', 'maxmemory', '1');
    try {
      const replies = await Promise.allSettled<unknown>([
        store.begin(newBegin()),
        store.begin(newBegin()),
        store.begin(rivalOf(ended)),
        store.renew(held),
        store.begin(newBegin()),
      ]);
      expect(replies.map(told)).toEqual(['OOM', 'OOM', 'completed', 'renewed', 'OOM']);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });

  function told(reply: PromiseSettledResult<unknown>): unknown {
    if (reply.status === 'rejected') return String(reply.reason).match(/\bOOM\b/)?.[0];
    const value = Array.isArray(reply.value) ? (reply.value as unknown[])[0] : reply.value;
    return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : value;
  }

  it.each([
    {
      how: 'cannot be made',
      pipeline: () => {
        throw new Error('No pipelines here.');
      },
    },
    {
      how: 'fails as a whole',
      pipeline: () => ({
        callBuffer: () => undefined,
        exec: () => Promise.reject(new Error('No pipelines here.')),
      }),
    },
    {
      how: 'has no replies',
      pipeline: () => ({ callBuffer: () => undefined, exec: () => Promise.resolve(null) }),
    },
  ])('is sent command by command when a pipeline $how', async ({ pipeline }) => {
    await store.close();
    let piped = 0;
    open({
      pipeline: () => {
        piped += 1;
        return pipeline();
      },
    });
    await completed(store, newBegin());
    const asked = [store.begin(newBegin()), store.begin(newBegin()), store.peek(newBegin())];
    const replies = await Promise.all(asked);
    expect(replies.map(({ kind }) => kind)).toEqual(['claimed', 'claimed', 'vacant']);
    expect(piped).toBe(1);
  });
});
