export { RedisStore } from './redis-store.js';
export type { RedisStoreOptions } from './redis-store-options.js';
export type {
  RedisArgument,
  RedisCommandsLike,
  RedisConnectionLike,
  RedisLike,
  RedisPipelineLike,
} from './redis-like.js';
