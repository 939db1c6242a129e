import { Redis } from 'ioredis';
import { contractOverRedis } from '../support/contract-over-redis.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

describe('RedisStore over one server, with ioredis 6', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  contractOverRedis(() => new Redis(server.port, '127.0.0.1'));
});
