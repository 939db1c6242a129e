import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { RedisStore, type RedisLike } from '../../src/stores/redis/index.js';
import { startCluster, type RedisCluster } from '../support/redis-cluster.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { runContract } from '../support/run-contract.js';

/** A client of any version. */
type Client = RedisLike & { disconnect(): void; on(event: 'error', listener: () => void): unknown };

/** The contract over two clients, as two processes have them. */
function contractOver(connect: () => Client): void {
  runContract(() => {
    const clients = [connect(), connect()] as const;
    for (const client of clients) client.on('error', () => undefined);
    const [store, other] = [new RedisStore(clients[0]), new RedisStore(clients[1])];
    return {
      store,
      other,
      pass: async (ms) => {
        await sleep(ms);
      },
      close: async () => {
        await Promise.all([store.close(), other.close()]);
        for (const client of clients) client.disconnect();
      },
    };
  });
}

describe('RedisStore over one server', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  describe('with ioredis 6', () => {
    contractOver(() => new Redis(server.port, '127.0.0.1'));
  });
  describe('with ioredis 5', () => {
    contractOver(() => new Redis5(server.port, '127.0.0.1'));
  });
  describe('as a user with exactly the rights that the documentation lists', () => {
    const page = readFileSync(join(__dirname, '../../docs/redis.md'), 'utf8');
    const rule = /^ACL SETUSER (?:.*\n)+?(?=```)/m.exec(page)?.[0].split(/\s+/) ?? [];
    beforeAll(() => server.call('ACL', ...rule.slice(1).filter((word) => word !== '')));
    const user = { username: 'idempotency', password: 'secret' };
    contractOver(() => new Redis(server.port, '127.0.0.1', user));
  });
  describe('with auto-pipelining, a key prefix and a lazy connection', () => {
    const options = { enableAutoPipelining: true, keyPrefix: 'app:', lazyConnect: true };
    contractOver(() => new Redis(server.port, '127.0.0.1', options));
  });
});

describe('RedisStore over a cluster', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster.stop());

  describe('with ioredis 6', () => {
    contractOver(() => new Cluster([...cluster.nodes]));
  });
  describe('with ioredis 5', () => {
    contractOver(() => new Cluster5([...cluster.nodes]));
  });
  describe('with auto-pipelining', () => {
    contractOver(() => new Cluster([...cluster.nodes], { enableAutoPipelining: true }));
  });
  describe('with ioredis 5 and auto-pipelining', () => {
    contractOver(() => new Cluster5([...cluster.nodes], { enableAutoPipelining: true }));
  });
});
