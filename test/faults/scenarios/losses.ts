import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis, type RedisServer } from '../../support/redis-server.js';
import {
  resultOf,
  withFailures,
  type Scenario,
  type ScenarioOptions,
  type ScenarioResult,
} from '../scenario.js';
import type { TestbedResult } from '../testbed.js';
import { underLoad } from '../under-load.js';

/**
 * Redis loses records, after which no promise holds. Second effects are counted, not forbidden, and
 * there must be some: a harness that sees none would see no others either.
 */
export const flushes: Scenario = {
  name: 'flushes',
  title: 'FLUSHALL while requests run: losses are expected',
  run: (options) =>
    losing(options, 'flushes', async (redis) => {
      await sleep(300);
      await redis.call('FLUSHALL');
      await sleep(100);
    }),
};

/** Redis makes room by dropping records. */
export const evictions: Scenario = {
  name: 'evictions',
  title: 'maxmemory-policy allkeys-random in place of noeviction: losses are expected',
  run: (options) =>
    losing(options, 'evictions', async (redis) => {
      await sleep(300);
      const used = Number((await redis.info('memory')).get('used_memory'));
      await redis.configure({ 'maxmemory-policy': 'allkeys-random', maxmemory: used - 20_000 });
      await sleep(300);
      await redis.configure({ maxmemory: 0 });
    }),
};

async function losing(
  options: ScenarioOptions,
  name: string,
  lose: (redis: RedisServer) => Promise<void>,
): Promise<ScenarioResult> {
  const redis = await startRedis();
  let rounds = 0;
  try {
    const result = await underLoad(options, {
      name,
      redis: { kind: 'standalone', port: redis.port },
      rules: { unknown: false, reruns: true, notStored: false, forgets: true },
      injected: () => rounds,
      async disturb() {
        for (; rounds < options.size; rounds += 1) await lose(redis);
      },
    });
    const lost = duplicatesIn(result);
    const failures = lost === 0 ? ['no loss was seen although there must have been some'] : [];
    const { figures } = resultOf(
      { ...result, violations: [] },
      {
        [name]: rounds,
        'records with a second effect (expected)': lost,
        'claims missed by their owners': result.counts.claimsLost,
      },
    );
    return withFailures({ figures, failures: result.problems }, failures);
  } finally {
    await redis.stop();
  }
}

/** Records with more than one applied effect. */
function duplicatesIn({ violations }: TestbedResult): number {
  const duplicated = violations.filter(({ invariant }) => invariant === 'I1');
  return new Set(duplicated.map(({ view }) => view.name)).size;
}
