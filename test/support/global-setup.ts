// Jest loads this file without its module mapper: ".js" would not be found.
import { buildServer } from './build-server';
import { CHROMIUM, findPrograms, MARIADB, PGBOUNCER, POSTGRES, REDIS_SERVER } from './find-program';

/** Prepares every run once, before any test file. Jest wants a default export here. */
export default function globalSetup(): void {
  findPrograms([REDIS_SERVER, CHROMIUM, POSTGRES, MARIADB, PGBOUNCER]);
  buildServer();
}
