// Jest loads this file without its module mapper: ".js" would not be found.
import { buildServer } from './build-server';
import { findRedisServer } from './find-redis';

/** What every run needs once, before any test file. Jest wants a default export here. */
export default function globalSetup(): void {
  process.env['REDIS_SERVER_BIN'] = findRedisServer();
  buildServer();
}
