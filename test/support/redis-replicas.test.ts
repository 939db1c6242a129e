import { startReplicas, type RedisReplicas } from './redis-replicas.js';

describe('a primary with replicas', () => {
  let redis: RedisReplicas;
  beforeAll(async () => {
    redis = await startReplicas(2);
  });
  afterAll(() => redis.stop());

  it('loses in a promotion what was written while the replicas lagged, and nothing else', async () => {
    const first = redis.primary;
    await first.call('SET', 'before', '1');
    await redis.lag();
    await first.call('SET', 'lagging', '1');
    await redis.promote(redis.replicas[1]);
    expect(redis.primary).not.toBe(first);
    expect(redis.replicas).toHaveLength(1);
    expect(await redis.primary.call('MGET', 'before', 'lagging', 'after')).toEqual([
      '1',
      null,
      null,
    ]);
    await redis.rejoin();
    expect(redis.replicas).toContain(first);
    await redis.primary.call('SET', 'after', '1');
    expect(await redis.primary.call('WAIT', 2, 0)).toBe(2);
    expect(await first.call('MGET', 'before', 'lagging', 'after')).toEqual(['1', null, '1']);
  });

  it('can catch up instead', async () => {
    await redis.lag();
    await redis.primary.call('SET', 'late', '1');
    await redis.catchUp();
    await redis.promote();
    expect(await redis.primary.call('GET', 'late')).toBe('1');
  });
});
