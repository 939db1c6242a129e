import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../support/redis-server.js';
import { until } from '../../support/until.js';
import { UNNOTICED } from '../checker.js';
import { POINTS, STEP_POINTS, type Action, type Fault } from '../fault.js';
import { UNHURRIED } from '../testbed.js';
import { resultOf, type Scenario, type ScenarioOptions, type ScenarioResult } from '../scenario.js';
import type { PoolCounts } from '../worker-pool.js';
import { underLoad } from '../under-load.js';

/**
 * A worker that is paused or slow while Redis answers runs into its time limit, and reports that the
 * result is not stored yet.
 */
const RULES = { unknown: true, reruns: true, notStored: true, forgets: false };
/** There is no limit that is about speed: only a run that hangs takes as long. */
const PATIENCE_MS = 3_600_000;

/** Processes that are ended by SIGKILL at every point of a request's life. */
export const kills: Scenario = {
  name: 'kills',
  title: 'worker ended by SIGKILL at every point of a request and between steps',
  run: (options) => hitWorkers(options, { action: 'kill', counted: 'kills', workers: 6 }),
};

/** Processes that are stopped for twice their lease and then continue. */
export const pauses: Scenario = {
  name: 'pauses',
  title: 'worker stopped by SIGSTOP for twice the lease, then continued',
  run: (options) => hitWorkers(options, { action: 'stop', counted: 'pauses', workers: 12 }),
};

/** Processes whose event loop does nothing for twice their lease. */
export const blocks: Scenario = {
  name: 'blocks',
  title: "worker's event loop blocked for twice the lease",
  run: (options) => hitWorkers(options, { action: 'block', counted: 'blocks', workers: 12 }),
};

/** Processes that are told to stop, and finish their requests first. */
export const drains: Scenario = {
  name: 'drains',
  title: 'worker told to stop by SIGTERM while it serves',
  async run(options) {
    const redis = await startRedis();
    try {
      const result = await underLoad(options, {
        name: 'drains',
        redis: { kind: 'standalone', port: redis.port },
        // Nothing that was begun is left unfinished, so nothing is unknown and nothing runs again.
        rules: UNNOTICED,
        configOf: () => UNHURRIED,
        injected: ({ pool }) => pool.counts.drains,
        async disturb({ pool }) {
          while (pool.counts.drains < options.size) {
            const [worker] = pool.workers();
            if (worker === undefined) await sleep(10);
            else await pool.drain(worker);
          }
        },
      });
      return resultOf(result, { 'SIGTERM drains': result.counts.drains });
    } finally {
      await redis.stop();
    }
  },
};

async function hitWorkers(
  options: ScenarioOptions,
  hit: {
    readonly action: Action;
    readonly counted: keyof PoolCounts;
    readonly workers: number;
  },
): Promise<ScenarioResult> {
  const { random, size, requests } = options;
  const { action, counted } = hit;
  // A short run has no use for many.
  const workers = Math.min(hit.workers, Math.max(3, size));
  const redis = await startRedis();
  const faults = random.fork('faults');
  try {
    const result = await underLoad(options, {
      name: counted,
      redis: { kind: 'standalone', port: redis.port },
      rules: RULES,
      workers,
      concurrency: 16 * Math.min(6, workers),
      fault({ operation }, { pool, load }): Fault | undefined {
        const left = size - pool.counts[counted];
        if (left <= 0) return undefined;
        // Spread over the requests that are still to come.
        const requestsLeft = Math.max(1, requests - load.history.length);
        const probability = Math.max(0.02, Math.min(0.5, (3 * left) / requestsLeft));
        if (!faults.chance(probability)) return undefined;
        const points = operation === 'stepped' ? [...POINTS, ...STEP_POINTS] : POINTS;
        return { action, point: faults.pick(points) };
      },
      injected: ({ pool }) => pool.counts[counted],
      disturb: ({ pool }) => until(() => pool.counts[counted] >= size, PATIENCE_MS),
    });
    return resultOf(result, {
      [counted]: result.counts[counted],
      'taken over while they ran': result.counts.superseded,
    });
  } finally {
    await redis.stop();
  }
}
