import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { contractOverRedis } from '../support/contract-over-redis.js';
import { nodeRedisClients, otherClients } from '../support/redis-clients.js';
import { startCluster, type RedisCluster } from '../support/redis-cluster.js';
import { startReplicas, type RedisReplicas } from '../support/redis-replicas.js';
import { redisRule } from '../support/redis-rule.js';
import { startSentinel, type RedisSentinel } from '../support/redis-sentinel.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const { user, commands, channels, forReplicas, forClusters, permit } = redisRule;
/** The service that the rule names. */
const ours = { service: 'payments' };
/** What ioredis is refused, it does without. */
const named = { ...user, connectionName: 'payments' };

describe('a user with exactly the rights that the documentation lists', () => {
  describe('of one server', () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedis();
      await permit(server, commands, channels);
    });
    afterAll(() => server.stop());

    describe('with ioredis 6', () => {
      contractOverRedis(() => new Redis(server.port, '127.0.0.1', named), ours);
    });
    describe('with ioredis 5', () => {
      contractOverRedis(() => new Redis5(server.port, '127.0.0.1', named), ours);
    });
    describe.each(otherClients)('with $name', (client) => {
      contractOverRedis(() => client.server(server.port, user), ours);
    });

    it.each([
      ['FLUSHALL'],
      ['KEYS', '*'],
      ['SCAN', '0'],
      ['CONFIG', 'GET', '*'],
      ['GET', 'other'],
      ['GET', 'idempotency:orders:x'],
    ])('may not %s', async (...command) => {
      const client = new Redis(server.port, '127.0.0.1', user);
      await expect(client.call(...(command as [string]))).rejects.toThrow('NOPERM');
      client.disconnect();
    });
  });

  describe('of a server whose replicas count', () => {
    let redis: RedisReplicas;
    beforeAll(async () => {
      redis = await startReplicas();
      await permit(redis.primary, commands, channels, forReplicas);
    });
    afterAll(() => redis.stop());

    const counting = { ...ours, replicas: 'all' } as const;
    describe('with ioredis 6', () => {
      contractOverRedis(() => new Redis(redis.primary.port, '127.0.0.1', named), counting);
    });
    describe.each(otherClients)('with $name', (client) => {
      contractOverRedis(() => client.server(redis.primary.port, user), counting);
    });
  });

  describe('of a primary under sentinels', () => {
    let redis: RedisSentinel;
    beforeAll(async () => {
      redis = await startSentinel();
      await permit(redis.primary, commands, channels);
    });
    afterAll(() => redis.stop());

    describe.each(nodeRedisClients)('with $name', (client) => {
      contractOverRedis(() => client.sentinel(redis.sentinels, redis.name, user), ours);
    });
  });

  describe('of a cluster', () => {
    let cluster: RedisCluster;
    beforeAll(async () => {
      cluster = await startCluster({ replicas: true });
      await permitAll(forClusters);
    });
    afterAll(() => cluster.stop());

    async function permitAll(clusterRights: readonly string[]): Promise<void> {
      const lines = [commands, channels, forReplicas, clusterRights];
      await Promise.all(cluster.servers.map((server) => permit(server, ...lines)));
    }

    describe('with ioredis 6', () => {
      contractOverRedis(() => new Cluster([...cluster.nodes], { redisOptions: named }), ours);
    });
    describe('with ioredis 5', () => {
      contractOverRedis(() => new Cluster5([...cluster.nodes], { redisOptions: named }), ours);
    });
    describe.each(otherClients)('with $name', (client) => {
      contractOverRedis(() => client.cluster(cluster.nodes, user), ours);
    });
    describe('whose replicas count', () => {
      const counting = { ...ours, replicas: 'all' } as const;
      describe('with ioredis 6', () => {
        contractOverRedis(() => new Cluster([...cluster.nodes], { redisOptions: named }), counting);
      });
      describe.each(otherClients)('with $name', (client) => {
        contractOverRedis(() => client.cluster(cluster.nodes, user), counting);
      });
    });

    it.each(forClusters)('cannot be reached without %s', async (right) => {
      await permitAll(forClusters.filter((other) => other !== right));
      const client = new Cluster([...cluster.nodes], {
        redisOptions: user,
        clusterRetryStrategy: () => null,
      });
      client.on('error', () => undefined);
      await expect(client.get('idempotency:payments:any')).rejects.toThrow('None of startup nodes');
      client.disconnect();
    });
    it.each(nodeRedisClients)('cannot be reached by $name without +cluster|slots', async (kind) => {
      await permitAll(forClusters.filter((right) => right !== '+cluster|slots'));
      await expect(kind.cluster(cluster.nodes, user)).rejects.toThrow();
    });
  });
});
