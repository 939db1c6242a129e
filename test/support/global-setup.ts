// Jest loads this file without its module mapper: ".js" would not be found.
import { buildServer } from './build-server';
import { CHROMIUM, findPrograms, MARIADB, PGBOUNCER, POSTGRES, REDIS_SERVER } from './find-program';
import { startSharedRedis } from './start-shared-redis';

/** The part of Jest's configuration that is needed here. */
interface RunConfig {
  readonly maxWorkers: number;
}

/** Prepares every run once, before any test file. Jest wants a default export here. */
export default async function globalSetup({ maxWorkers }: RunConfig): Promise<void> {
  findPrograms([REDIS_SERVER, CHROMIUM, POSTGRES, MARIADB, PGBOUNCER]);
  buildServer();
  await startSharedRedis(maxWorkers);
}
