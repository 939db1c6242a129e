import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { contractOverRedis } from '../support/contract-over-redis.js';
import { startCluster, type RedisCluster } from '../support/redis-cluster.js';
import { startReplicas, type RedisReplicas } from '../support/redis-replicas.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

/** The rule that the page has, line by line. */
const [rule = [], commands, channels, forReplicas, forClusters = []] = (
  /^ACL SETUSER (?:.*\n)+?(?=```)/m.exec(
    readFileSync(join(__dirname, '../../docs/redis.md'), 'utf8'),
  )?.[0] ?? ''
)
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
/** The service that the rule names. */
const ours = { service: 'payments' };
const user = { username: 'idempotency', password: 'secret', connectionName: 'payments' };

/** Gives the documentation's user exactly these lines of it. */
async function permit(
  server: RedisServer,
  ...lines: readonly (readonly string[] | undefined)[]
): Promise<void> {
  const [, command = '', name = '', ...rules] = rule;
  await server.call(
    'ACL',
    command,
    name,
    'reset',
    ...rules,
    ...lines.flatMap((line) => line ?? []),
  );
}

describe('a user with exactly the rights that the documentation lists', () => {
  describe('of one server', () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedis();
      await permit(server, commands, channels);
    });
    afterAll(() => server.stop());

    describe('with ioredis 6', () => {
      contractOverRedis(() => new Redis(server.port, '127.0.0.1', user), ours);
    });
    describe('with ioredis 5', () => {
      contractOverRedis(() => new Redis5(server.port, '127.0.0.1', user), ours);
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

    contractOverRedis(() => new Redis(redis.primary.port, '127.0.0.1', user), {
      ...ours,
      replicas: 'all',
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
      contractOverRedis(() => new Cluster([...cluster.nodes], { redisOptions: user }), ours);
    });
    describe('with ioredis 5', () => {
      contractOverRedis(() => new Cluster5([...cluster.nodes], { redisOptions: user }), ours);
    });
    describe('whose replicas count', () => {
      contractOverRedis(() => new Cluster([...cluster.nodes], { redisOptions: user }), {
        ...ours,
        replicas: 'all',
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
  });
});
