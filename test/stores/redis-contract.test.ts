import { Redis } from 'ioredis';
import { contractOverRedis } from '../support/contract-over-redis.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

describe('RedisStore over one server, with ioredis 6', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  contractOverRedis(() => new Redis(redis.port, '127.0.0.1'));
});
