export { RedisStore } from './redis-store.js';
export type { RedisStoreOptions } from './redis-store-options.js';
export type { RedisLike } from './clients/driver-of.js';
export type { RedisArgument } from './clients/redis-driver.js';
export type {
  IoRedisCommandsLike,
  IoRedisConnectionLike,
  IoRedisLike,
  IoRedisPipelineLike,
} from './clients/ioredis/ioredis-like.js';
export type {
  NodeRedisClientLike,
  NodeRedisClusterLike,
  NodeRedisCommandOptions,
  NodeRedisConnectionLike,
  NodeRedisNodeLike,
  NodeRedisOptions,
  NodeRedisPrimaryLike,
  NodeRedisSentinelLike,
} from './clients/node-redis/node-redis-like.js';
