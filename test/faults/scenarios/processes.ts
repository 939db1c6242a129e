import { startRedis } from '../../support/redis-server.js';
import { POINTS, type Action, type Fault } from '../fault.js';
import { OPERATIONS } from '../record.js';
import { resultOf, type Scenario, type ScenarioOptions, type ScenarioResult } from '../scenario.js';
import { onStage } from '../stage.js';
import type { PoolCounts } from '../worker-pool.js';

const RULES = { unknown: true, reruns: true, notStored: false, forgets: false };
/** A worker that is paused while Redis answers finds, when it wakes, that its own time is up. */
const PAUSED_RULES = { ...RULES, notStored: true };

/** Processes that are ended by SIGKILL at every point of a request's life. */
export const kills: Scenario = {
  name: 'kills',
  title: 'worker ended by SIGKILL at every point of a request',
  run: (options) => hitWorkers(options, 'kill', 'kills'),
};

/** Processes that are stopped for twice their lease and then continue. */
export const pauses: Scenario = {
  name: 'pauses',
  title: 'worker stopped by SIGSTOP for twice the lease',
  run: (options) => hitWorkers(options, 'stop', 'pauses'),
};

/** Processes whose event loop does nothing for twice their lease. */
export const blocks: Scenario = {
  name: 'blocks',
  title: "worker's event loop blocked for twice the lease",
  run: (options) => hitWorkers(options, 'block', 'blocks'),
};

/** Workers and intents for each kind of fault: what stops workers needs more of both. */
const CROWDS: Readonly<Record<Action, { workers: number; concurrency: number }>> = {
  kill: { workers: 6, concurrency: 96 },
  stop: { workers: 12, concurrency: 96 },
  block: { workers: 12, concurrency: 96 },
  throw: { workers: 4, concurrency: 32 },
};

async function hitWorkers(
  { random, size, requests, variant, progress }: ScenarioOptions,
  action: Action,
  counted: keyof PoolCounts,
): Promise<ScenarioResult> {
  const redis = await startRedis();
  const faults = random.fork('faults');
  const { workers, concurrency } = CROWDS[action];
  try {
    const result = await onStage(
      {
        name: action,
        redis: { kind: 'standalone', port: redis.port },
        random,
        workers,
        variant,
      },
      action === 'stop' || action === 'block' ? PAUSED_RULES : RULES,
      async ({ pool, client, load, settle }) => {
        const done = (): number => pool.counts[counted];
        const fault = (): Fault | undefined => {
          if (done() >= size) return undefined;
          // Faults are spread over the requests that are still to come.
          const requestsLeft = Math.max(1, requests - load.history.length);
          const probability = Math.max(0.02, Math.min(0.5, (3 * (size - done())) / requestsLeft));
          return faults.chance(probability) ? { action, point: faults.pick(POINTS) } : undefined;
        };
        const timer = setInterval(() => {
          progress(`${String(done())} of ${String(size)}, ${String(load.history.length)} requests`);
        }, 10_000);
        try {
          await load.run({
            pool,
            client,
            random: random.fork('load'),
            operations: OPERATIONS,
            concurrency,
            goesOn: () => done() < size || load.history.length < requests,
            fault,
          });
        } finally {
          clearInterval(timer);
        }
        await settle();
      },
    );
    return resultOf(result, { [counted]: result.counts[counted] });
  } finally {
    await redis.stop();
  }
}
