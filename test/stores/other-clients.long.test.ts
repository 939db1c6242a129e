import { contractOverRedis } from '../support/contract-over-redis.js';
import { nodeRedisClients, otherClients } from '../support/redis-clients.js';
import { startCluster, type RedisCluster } from '../support/redis-cluster.js';
import { startSentinel, type RedisSentinel } from '../support/redis-sentinel.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

describe('RedisStore over one server', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  describe.each(otherClients)('with $name', (client) => {
    contractOverRedis(() => client.server(redis.port));
  });
});

describe('RedisStore over a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  describe.each(otherClients)('with $name', (client) => {
    contractOverRedis(() => client.cluster(cluster.nodes));
  });
});

describe('RedisStore under sentinels', () => {
  let redis: RedisSentinel;
  beforeAll(async () => {
    redis = await startSentinel();
  });
  afterAll(() => redis.stop());

  describe.each(nodeRedisClients)('with $name', (client) => {
    contractOverRedis(() => client.sentinel(redis.sentinels, redis.name));
  });
});
