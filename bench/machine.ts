import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../test/faults/paths.js';
import type { RedisServer } from '../test/support/redis-server.js';
import type { BenchResults } from './results.js';

const OURS = ['@apollo/server', 'graphql', 'ioredis', 'redis', 'type-graphql'];
const OTHERS = ['@node-idempotency/core', '@aws-lambda-powertools/idempotency'];

/** What it was measured on. */
export async function describeMachine(
  redis: RedisServer,
  modules: string,
): Promise<BenchResults['machine']> {
  const [processor] = cpus();
  const { redis_version: version = 'unknown' } = Object.fromEntries(await redis.info('server'));
  return {
    cpus: cpus().length,
    model: processor?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    versions: {
      Node: process.versions.node,
      Redis: version,
      ...versionsIn(ROOT, OURS),
      ...versionsIn(modules, OTHERS),
    },
  };
}

function versionsIn(folder: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const file = join(folder, 'node_modules', name, 'package.json');
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
      return [name, version];
    }),
  );
}
