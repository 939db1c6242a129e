import { Cluster } from 'ioredis';

import { startCluster, type RedisCluster } from './redis-cluster.js';

describe('a cluster with replicas', () => {
  let redis: RedisCluster;
  let client: Cluster;
  beforeAll(async () => {
    redis = await startCluster({ replicas: true });
    client = new Cluster([...redis.nodes]);
    client.on('error', () => undefined);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  it('replaces a primary that dies, without what was written while its replica lagged', async () => {
    const owner = await redis.ownerOf('{a}');
    await client.set('{a}before', '1');
    await redis.lag(owner);
    await client.set('{a}lagging', '1');
    const promoted = await redis.failOver(owner);
    expect(await redis.ownerOf('{a}')).toBe(promoted);
    expect(await client.mget('{a}before', '{a}lagging')).toEqual(['1', null]);
    await redis.rejoin();
    expect((await owner.info('replication')).get('master_port')).toBe(String(promoted.port));
  });

  it('moves a slot with its keys while a client uses it', async () => {
    const from = await redis.ownerOf('{b}');
    const to = await redis.ownerOf('{c}');
    expect(to).not.toBe(from);
    for (let key = 0; key < 50; key += 1) await client.set(`{b}${String(key)}`, key);
    const progress = { moved: false };
    const resharded = redis.reshard('{b}', to).then(() => (progress.moved = true));
    for (let key = 0; !progress.moved; key = (key + 1) % 50) {
      expect(await client.incrby(`{b}${String(key)}`, 0)).toBe(key);
    }
    await resharded;
    expect(await redis.ownerOf('{b}')).toBe(to);
    expect(await client.get('{b}49')).toBe('49');
  });
});
