import { HANG_MS } from '../../support/hang-guard.js';
import { startRedis } from '../../support/redis-server.js';
import { UNNOTICED } from '../checker.js';
import { OPERATIONS } from '../record.js';
import { resultOf, type Scenario } from '../scenario.js';
import { onTestbed, UNHURRIED } from '../testbed.js';

const COPIES = 200;
/** Keys whose copies are in flight at once. */
const LANES = 2;

/** Two hundred copies of a request at once, over four workers. */
export const storms: Scenario = {
  name: 'storms',
  title: `${String(COPIES)} concurrent copies of a request over 4 workers`,
  async run({ random, size, variant, progress }) {
    const redis = await startRedis();
    let keys = 0;
    try {
      const result = await onTestbed(
        {
          name: 'storms',
          redis: { kind: 'standalone', port: redis.port },
          random,
          workers: 4,
          variant,
          configOf: () => ({ ...UNHURRIED, waitMs: 30_000 }),
        },
        UNNOTICED,
        async ({ pool, client, load }) => {
          const choices = random.fork('storm');
          async function lane(): Promise<void> {
            while (keys < size) {
              keys += 1;
              if (keys % 20 === 0) progress(`${String(keys)} of ${String(size)}`);
              const intent = {
                scope: 'alice',
                operation: choices.pick(OPERATIONS),
                key: `storm-${String(keys)}`,
                amount: choices.integer(1, 1_000),
              };
              const delayMs = choices.integer(0, 60);
              // Every copy is final: nothing goes wrong, so every copy gets the answer.
              await Promise.all(
                Array.from({ length: COPIES }, async () =>
                  load.send(
                    await pool.pick(),
                    client,
                    { ...intent, delayMs, timeoutMs: HANG_MS },
                    true,
                  ),
                ),
              );
            }
          }
          await Promise.all(Array.from({ length: LANES }, lane));
        },
      );
      const scripts = (await redis.commandStats()).get('evalsha') ?? 0;
      return resultOf({ ...result, records: keys }, { 'scripts sent': scripts });
    } finally {
      await redis.stop();
    }
  },
};
