export { RedisStore, type RedisStoreOptions } from './redis-store.js';
export type {
  RedisArgument,
  RedisLike,
  RedisPipelineLike,
  RedisSubscriberLike,
} from './redis-like.js';
