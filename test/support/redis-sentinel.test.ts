import { Redis } from 'ioredis';

import { startSentinel, type RedisSentinel } from './redis-sentinel.js';

describe('a primary under sentinels', () => {
  let redis: RedisSentinel;
  beforeAll(async () => {
    redis = await startSentinel();
  });
  afterAll(() => redis.stop());

  it('is replaced when it dies, without what was written while the replicas lagged', async () => {
    const client = new Redis({ sentinels: [...redis.sentinels], name: redis.name });
    client.on('error', () => undefined);
    try {
      const first = redis.primary;
      await client.set('before', '1');
      await redis.lag();
      await client.set('lagging', '1');
      await redis.failOver();
      expect(redis.primary).not.toBe(first);
      expect(await client.mget('before', 'lagging')).toEqual(['1', null]);
      await redis.rejoin();
      expect(await first.call('MGET', 'before', 'lagging')).toEqual(['1', null]);
    } finally {
      client.disconnect();
    }
  });
});
