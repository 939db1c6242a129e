import { RedisStore } from 'graphql-idempotency/redis';
import { Redis } from 'ioredis';

const { REDIS_URL = 'redis://localhost:6379' } = process.env;

const redis = new Redis(REDIS_URL, {
  maxRetriesPerRequest: 1, // a command fails soon when Redis is away; the library has its own timers
  connectTimeout: 2_000,
  socketTimeout: 3_000, // a connection that ended without a word is given up
});
export const store = new RedisStore(redis, {
  service: 'payments', // whose records these are: no other service on this Redis has this name
  replicas: 'all',
  strict: true,
});
