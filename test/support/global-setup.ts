// Jest loads this file without its module mapper: ".js" would not be found.
import { findRedisServer } from './find-redis';

/** Finds the Redis server once, before any test file runs. Jest wants a default export here. */
export default function globalSetup(): void {
  process.env['REDIS_SERVER_BIN'] = findRedisServer();
}
