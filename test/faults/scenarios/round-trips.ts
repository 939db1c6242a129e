import { HANG_MS } from '../../support/hang-guard.js';
import { startRedis } from '../../support/redis-server.js';
import { UNNOTICED } from '../checker.js';
import { resultOf, withFailures, type Scenario } from '../scenario.js';
import { onTestbed, type Testbed, UNHURRIED } from '../testbed.js';

/** Calls that load the scripts and open the connections, before anything is counted. */
const WARM_UP = 20;
/** Commands that scripts call, and that clients send when they connect: none of them is a round trip. */
const NOT_SENT = new Set(
  'time type get set del getrange setrange append pexpireat pexpiretime publish'.split(' '),
);

/** Counts on the server what is sent for first executions and for replays. */
export const roundTrips: Scenario = {
  name: 'round-trips',
  title: 'round trips counted by Redis: 2 for a first execution, 1 for a replay',
  async run({ random, size, variant }) {
    const redis = await startRedis();
    const failures: string[] = [];
    const each = Math.ceil(size / 2);
    let firsts = 0;
    let replays = 0;
    try {
      const result = await onTestbed(
        {
          name: 'round-trips',
          redis: { kind: 'standalone', port: redis.port },
          random,
          workers: 2,
          variant,
          configOf: () => UNHURRIED,
        },
        UNNOTICED,
        async (testbed) => {
          await askAll(testbed, 'warm-up', WARM_UP);
          const count = async (): Promise<number> => {
            const during = await redis.commandsDuring(() => askAll(testbed, 'counted', each));
            for (const name of during.keys()) {
              if (name !== 'evalsha' && !NOT_SENT.has(name))
                failures.push(`${name} was sent as well`);
            }
            return during.get('evalsha') ?? 0;
          };
          firsts = await count();
          replays = await count();
        },
      );
      if (firsts !== 2 * each)
        failures.push(`${String(firsts)} round trips for ${String(each)} first executions`);
      if (replays !== each)
        failures.push(`${String(replays)} round trips for ${String(each)} replays`);
      const counted = resultOf(result, {
        'first executions': each,
        'round trips for them': firsts,
        replays: each,
        'round trips for these': replays,
      });
      return withFailures(counted, failures);
    } finally {
      await redis.stop();
    }
  },
};

/** Asks for `count` keys, one request after the other: those of one turn would share a command. */
async function askAll(
  { pool, client, load }: Testbed,
  prefix: string,
  count: number,
): Promise<void> {
  for (let asked = 1; asked <= count; asked += 1) {
    const key = `${prefix}-${String(asked)}`;
    const call = { scope: 'alice', operation: 'hold', key, amount: 1, timeoutMs: HANG_MS } as const;
    await load.send(await pool.pick(), client, call, true);
  }
}
