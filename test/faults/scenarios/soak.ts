import { setTimeout as sleep } from 'node:timers/promises';
import { HANG_MS } from '../../support/hang-guard.js';
import { startRedis, type RedisServer } from '../../support/redis-server.js';
import { UNNOTICED } from '../checker.js';
import type { Random } from '../random.js';
import { resultOf, withFailures, type Scenario, type ScenarioOptions } from '../scenario.js';
import { onTestbed, UNHURRIED, type Testbed } from '../testbed.js';

const LANES = 32;
const WORKERS = 2;
const PARTS = 5;
/** With a time given, the load is steady: it leaves processors to other parts and memory to Redis. */
const REQUESTS_PER_SECOND = 250;
/** A worker's heap after a full collection may differ this much between the samples, in bytes. */
const HEAP_GROWTH_MAX = 4 * 1_048_576;
/** Each connection may have a timer, and the number of open connections varies. */
const TIMERS_GROWTH_MAX = 2 * LANES;
const MEBIBYTE = 1_048_576;

/** Memory, timers and connections, counted while no request is in flight. */
interface Sample {
  /** Of the worker with the most. */
  readonly heapBytes: number;
  readonly timers: number;
  /** Of all workers. */
  readonly connections: number;
}

/** Many requests without faults: memory, timers and connections stay flat, and nothing is left open. */
export const soak: Scenario = {
  name: 'soak',
  title: 'many requests without faults; then the servers close',
  async run(options) {
    const { random, variant } = options;
    const redis = await startRedis();
    const samples: Sample[] = [];
    const failures: string[] = [];
    let sent = 0;
    try {
      const result = await onTestbed(
        {
          name: 'soak',
          redis: { kind: 'standalone', port: redis.port },
          random,
          workers: WORKERS,
          variant,
          configOf: () => ({ ...UNHURRIED, waitMs: 30_000, measuresUsage: true }),
        },
        UNNOTICED,
        async (testbed) => {
          const choices = random.fork('soak');
          const goesOn = loadOf(options);
          // The first part warms caches up.
          for (let part = 1; part <= PARTS; part += 1) {
            const lane = async (): Promise<void> => {
              while (await goesOn(sent, part)) {
                sent += 1;
                failures.push(...(await sendOne(testbed, choices, sent)));
              }
            };
            await Promise.all(Array.from({ length: LANES }, lane));
            samples.push(await sampleOf(testbed, redis));
            options.progress(`part ${String(part)} of ${String(PARTS)}, ${String(sent)} requests`);
          }
        },
      );
      const leftOpen = await connectionsTo(redis);
      if (leftOpen > 0) failures.push(`${String(leftOpen)} connections to Redis left open`);
      const counted = resultOf(
        { ...result, requests: sent },
        { 'left open after the servers closed': leftOpen + result.problems.length },
      );
      return withFailures({ ...counted, highest: shown(samples) }, [
        ...failures,
        ...growthIn(samples),
      ]);
    } finally {
      await redis.stop();
    }
  },
};

/** Says, and waits for, whether another request of a part may be sent. */
function loadOf({
  size,
  minutes,
}: ScenarioOptions): (sent: number, part: number) => Promise<boolean> {
  if (minutes === undefined) return (sent, part) => Promise.resolve(sent < (size * part) / PARTS);
  const startedAt = performance.now();
  const partMs = (minutes * 60_000) / PARTS;
  return async (sent, part) => {
    const dueMs = (sent * 1_000) / REQUESTS_PER_SECOND;
    await sleep(Math.max(0, dueMs - (performance.now() - startedAt)));
    return performance.now() - startedAt < part * partMs;
  };
}

/** Sends a new key, or one of the earlier ones again. */
async function sendOne(
  { pool, client }: Testbed,
  choices: Random,
  sent: number,
): Promise<readonly string[]> {
  const number = choices.chance(0.5) ? sent : choices.integer(1, sent);
  const { port } = await pool.pick();
  const { code } = await client.call(port, {
    scope: 'alice',
    operation: 'hold',
    key: `soak-${String(number)}`,
    amount: 1,
    timeoutMs: HANG_MS,
  });
  return code === 'OK' ? [] : [`${code} without any fault`];
}

async function sampleOf({ pool }: Testbed, redis: RedisServer): Promise<Sample> {
  const usages = await Promise.all(pool.workers().map(({ process }) => process.usage()));
  return {
    heapBytes: Math.max(...usages.map(({ heapBytes }) => heapBytes)),
    timers: Math.max(...usages.map(({ timers }) => timers)),
    connections: await connectionsTo(redis),
  };
}

async function connectionsTo(redis: RedisServer): Promise<number> {
  const clients = String(await redis.call('CLIENT', 'LIST'))
    .trim()
    .split('\n');
  // The one that asks is a connection, too.
  return clients.length - 1;
}

function growthIn(samples: readonly Sample[]): readonly string[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return ['nothing was sampled'];
  const failures: string[] = [];
  const heapGrowth = last.heapBytes - first.heapBytes;
  if (heapGrowth > HEAP_GROWTH_MAX) failures.push(`the heap grew by ${String(heapGrowth)} bytes`);
  if (last.timers > first.timers + TIMERS_GROWTH_MAX) {
    failures.push(`from ${String(first.timers)} to ${String(last.timers)} timers`);
  }
  if (last.connections > first.connections) {
    failures.push(
      `from ${String(first.connections)} to ${String(last.connections)} connections to Redis`,
    );
  }
  return failures;
}

function shown(samples: readonly Sample[]): Record<string, number> {
  const named = [
    ['after a fifth', samples[0]],
    ['at the end', samples.at(-1)],
  ] as const;
  return Object.fromEntries(
    named.flatMap(([when, sample]) => [
      [`heap ${when}, MiB`, Math.round((sample?.heapBytes ?? 0) / MEBIBYTE)],
      [`connections to Redis ${when}`, sample?.connections ?? 0],
      [`timers ${when}`, sample?.timers ?? 0],
    ]),
  );
}
