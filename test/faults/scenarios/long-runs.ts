import { setTimeout as sleep } from 'node:timers/promises';
import { HANG_MS } from '../../support/hang-guard.js';
import { startRedis } from '../../support/redis-server.js';
import { UNNOTICED } from '../checker.js';
import { resultOf, type Scenario } from '../scenario.js';
import { onTestbed, type Testbed } from '../testbed.js';

/** Long, so that a busy machine renews it in time: a record is lost when nobody does. */
const LEASE_MS = 6_000;
/** Longer than a record is kept without renewal: two leases. */
const RUN_MS = 4 * LEASE_MS;
const ASK_EVERY_MS = 900;

/** Resolvers that run longer than their records would be kept without renewal. */
export const longRuns: Scenario = {
  name: 'long-runs',
  title: 'resolver that runs longer than its record is kept without renewal',
  async run({ random, size, variant }) {
    const redis = await startRedis();
    try {
      const result = await onTestbed(
        {
          name: 'long-runs',
          redis: { kind: 'standalone', port: redis.port },
          random,
          workers: 3,
          variant,
          configOf: () => ({ leaseMs: LEASE_MS, ttlSeconds: 1 }),
        },
        UNNOTICED,
        async (testbed) => {
          await Promise.all(Array.from({ length: size }, (_, index) => runLong(testbed, index)));
        },
      );
      return resultOf(result, { 'long runs': size });
    } finally {
      await redis.stop();
    }
  },
};

async function runLong({ pool, client, load }: Testbed, number: number): Promise<void> {
  const key = `long-${String(number)}`;
  const call = { scope: 'alice', operation: 'hold', key, amount: 1, timeoutMs: HANG_MS } as const;
  const first = await pool.pick();
  const asked = load.send(first, client, { ...call, delayMs: RUN_MS }, true);
  const asking: Promise<unknown>[] = [];
  for (let waitedMs = 0; waitedMs < RUN_MS - 2 * ASK_EVERY_MS; waitedMs += ASK_EVERY_MS) {
    await sleep(ASK_EVERY_MS);
    asking.push(load.send(await pool.pick((worker) => worker !== first), client, call));
  }
  await Promise.all([asked, ...asking]);
}
