import { Redis } from 'ioredis';
import { contractOverRedis } from '../support/contract-over-redis.js';
import { useRedis } from '../support/use-redis.js';

describe('RedisStore over one server, with ioredis 6', () => {
  const redis = useRedis();

  contractOverRedis(() => new Redis(redis.port, '127.0.0.1'));
});
