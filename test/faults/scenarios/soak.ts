import { startRedis } from '../../support/redis-server.js';
import { UNNOTICED } from '../checker.js';
import { resultOf, withFailures, type Scenario } from '../scenario.js';
import { onTestbed, UNHURRIED } from '../testbed.js';

const LANES = 32;
const WORKERS = 2;
/** A worker's heap after a full collection may differ this much between the samples, in bytes. */
const GROWTH_MAX = 4 * 1_048_576;
const MEBIBYTE = 1_048_576;

/** Many requests without faults: memory stays flat, and nothing is left open. */
export const soak: Scenario = {
  name: 'soak',
  title: 'many requests without faults; then the servers close',
  async run({ random, size, variant, progress }) {
    const redis = await startRedis();
    const failures: string[] = [];
    const heaps: number[] = [];
    try {
      const result = await onTestbed(
        {
          name: 'soak',
          redis: { kind: 'standalone', port: redis.port },
          random,
          workers: WORKERS,
          variant,
          configOf: () => UNHURRIED,
        },
        UNNOTICED,
        async ({ pool, client }) => {
          let sent = 0;
          const choices = random.fork('soak');
          /** Half of the requests are replays of an earlier key. */
          async function lane(until: number): Promise<void> {
            while (sent < until) {
              sent += 1;
              const number = choices.chance(0.5) ? sent : choices.integer(1, sent);
              const { port } = await pool.pick();
              const { code } = await client.call(port, {
                scope: 'alice',
                operation: 'hold',
                key: `soak-${String(number)}`,
                amount: 1,
                timeoutMs: 10_000,
              });
              if (code !== 'OK') failures.push(`${code} without any fault`);
            }
          }
          // The first fifth warms caches up; after each further one memory is looked at.
          for (const part of [1, 2, 3, 4, 5]) {
            const until = Math.ceil((size * part) / 5);
            await Promise.all(Array.from({ length: LANES }, () => lane(until)));
            progress(`${String(until)} of ${String(size)}`);
            const bytes = await Promise.all(
              pool.workers().map(({ process }) => process.heapBytes()),
            );
            heaps.push(Math.max(...bytes));
          }
        },
      );
      // The one that asks is a connection, too.
      const connections =
        String(await redis.call('CLIENT', 'LIST'))
          .trim()
          .split('\n').length - 1;
      if (connections > 0) failures.push(`${String(connections)} connections to Redis left open`);
      const growth = (heaps.at(-1) ?? 0) - (heaps[0] ?? 0);
      if (growth > GROWTH_MAX) failures.push(`the heap grew by ${String(growth)} bytes`);
      const counted = resultOf(
        { ...result, requests: size },
        { 'left open after the servers closed': connections + result.problems.length },
      );
      const highest = {
        'heap after a fifth, MiB': Math.round((heaps[0] ?? 0) / MEBIBYTE),
        'heap at the end, MiB': Math.round((heaps.at(-1) ?? 0) / MEBIBYTE),
      };
      return withFailures({ ...counted, highest }, failures);
    } finally {
      await redis.stop();
    }
  },
};
