import { Redis } from 'ioredis';
import { RedisStore, type RedisLike } from '../../src/stores/redis/index.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { claimed, completed, newBegin } from '../support/requests.js';

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
  function open(told: Partial<Pick<RedisLike, 'pipeline'>>): void {
    store = new RedisStore({
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
    });
  }

  const beginMany = (count: number): Promise<string[]> =>
    Promise.all(Array.from({ length: count }, async () => (await store.begin(newBegin())).kind));
  const allClaimed = (count: number): string[] => Array.from({ length: count }, () => 'claimed');

  it('travels together', async () => {
    expect(await beginMany(50)).toEqual(allClaimed(50));
    expect([pipelines, alone]).toEqual([1, 0]);
  });

  it('travels by itself when it is one command', async () => {
    expect(await beginMany(1)).toEqual(allClaimed(1));
    expect([pipelines, alone]).toEqual([0, 1]);
  });

  it('is sent again with the scripts if Redis has forgotten them', async () => {
    await redis.script('FLUSH');
    expect(await beginMany(50)).toEqual(allClaimed(50));
  });

  it('is refused one by one', async () => {
    const held = newBegin();
    await claimed(store, held);
    await redis.config('SET', 'maxmemory', '1');
    try {
      const asked = [store.begin(newBegin()), store.renew([held]), store.begin(newBegin())];
      const replies = await Promise.allSettled<unknown>(asked);
      // The second is of those that were refused: each looks for an outcome that it could tell.
      expect(pipelines).toBe(2);
      expect(
        replies.map((reply) => (reply.status === 'fulfilled' ? reply.value : 'refused')),
      ).toEqual(['refused', ['renewed'], 'refused']);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });

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
    open({ pipeline });
    expect(await beginMany(3)).toEqual(allClaimed(3));
  });
});
