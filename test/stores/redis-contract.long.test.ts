import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { contractOverRedis } from '../support/contract-over-redis.js';
import { startCluster, type RedisCluster } from '../support/redis-cluster.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

describe('RedisStore over one server', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  describe('with ioredis 5', () => {
    contractOverRedis(() => new Redis5(redis.port, '127.0.0.1'));
  });
  describe('with auto-pipelining, a key prefix and a lazy connection', () => {
    const options = { enableAutoPipelining: true, keyPrefix: 'app:', lazyConnect: true };
    contractOverRedis(() => new Redis(redis.port, '127.0.0.1', options));
  });
});

describe('RedisStore over a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  describe('with ioredis 6', () => {
    contractOverRedis(() => new Cluster([...cluster.nodes]));
  });
  describe('with ioredis 5', () => {
    contractOverRedis(() => new Cluster5([...cluster.nodes]));
  });
  describe('with auto-pipelining', () => {
    contractOverRedis(() => new Cluster([...cluster.nodes], { enableAutoPipelining: true }));
  });
  describe('with ioredis 5 and auto-pipelining', () => {
    contractOverRedis(() => new Cluster5([...cluster.nodes], { enableAutoPipelining: true }));
  });
});
