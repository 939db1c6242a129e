import { recordIdOf } from '../../src/core/record/key.js';
import { prefixOf } from '../../src/stores/redis/redis-store-options.js';
import { startRedis, type RedisServer } from '../../test/support/redis-server.js';
import { measure, withEffects } from '../load/figures.js';
import { firstPayment } from '../load/payments.js';
import { sendOnce } from '../load/repeats.js';
import type { Shot } from '../load/slice.js';
import type { Rounds } from '../load/rounds.js';
import type { PopulationSample } from '../results.js';
import { startBenchServer, type BenchServer } from '../server-process.js';
import { SERVICE } from '../service.js';

const RECORDS = [1_000, 1_000_000] as const;
const MODES = ['first', 'replay'] as const;
const REPLAY_POOL = 256;
const PREFIX = prefixOf({ service: SERVICE });
const COPIES_AT_ONCE = 20_000;
const REMOVED_AT_ONCE = 1_000;

/** Copies a record to so many keys, of the length that keys of records have. It keeps its expiry. */
const FILL = `
for number = ARGV[1], ARGV[2] do
  redis.call('COPY', KEYS[1], string.format('${PREFIX}%032d', number))
end
`;

/** A server with a Redis of its own that holds so many records. */
interface Population {
  readonly records: number;
  readonly redis: RedisServer;
  readonly server: BenchServer;
  readonly made: readonly Shot[];
}

/** Measures one connection with few records and with many, in turns. */
export async function measurePopulations(
  { rounds, sliceMs }: Rounds,
  say: (line: string) => void,
): Promise<PopulationSample[]> {
  const populations: Population[] = [];
  const samples: PopulationSample[] = [];
  try {
    for (const records of RECORDS) populations.push(await populate(records, say));
    // The first round only warms up.
    for (let round = -1; round < rounds; round += 1) {
      say(`populations, round ${String(round + 1)}`);
      for (const mode of MODES) {
        for (const population of round % 2 === 0 ? populations : populations.toReversed()) {
          const sample = await measureOne(
            population,
            mode,
            round,
            round < 0 ? 4 * sliceMs : sliceMs,
          );
          if (round >= 0) samples.push(sample);
        }
      }
    }
  } finally {
    for (const { server, redis } of populations) {
      await server.end();
      await redis.stop();
    }
  }
  return samples;
}

async function populate(records: number, say: (line: string) => void): Promise<Population> {
  say(`filling Redis with ${String(records)} records`);
  const redis = await startRedis();
  try {
    const config = { contender: 'redis', redisPort: redis.port, modules: '' } as const;
    const server = await startBenchServer(config);
    try {
      const plan = { port: server.port, count: REPLAY_POOL, connections: 1 };
      const made = await withEffects(server, REPLAY_POOL, () => sendOnce(plan, firstPayment, true));
      await fill(redis, records);
      return { records, redis, server, made };
    } catch (error) {
      await server.end();
      throw error;
    }
  } catch (error) {
    await redis.stop();
    throw error;
  }
}

async function fill(redis: RedisServer, records: number): Promise<void> {
  const source = String(await redis.call('RANDOMKEY'));
  const copies = records - REPLAY_POOL;
  for (let from = 1; from <= copies; from += COPIES_AT_ONCE) {
    const to = Math.min(from + COPIES_AT_ONCE - 1, copies);
    await redis.call('EVAL', FILL, 1, source, from, to);
  }
  const keyspace = (await redis.info('keyspace')).get('db0') ?? '';
  const all = `keys=${String(records)},expires=${String(records)},`;
  if (!keyspace.startsWith(all)) throw new Error(`Redis was not filled: ${keyspace}`);
}

async function measureOne(
  { records, redis, server, made }: Population,
  mode: PopulationSample['mode'],
  round: number,
  durationMs: number,
): Promise<PopulationSample> {
  const added: string[] = [];
  let sent = 0;
  const figures = await measure(server, redis, {
    connections: 1,
    durationMs,
    next() {
      sent += 1;
      const shot = mode === 'replay' ? made[sent % made.length] : undefined;
      if (shot !== undefined) return { shot, hasEffect: false };
      const first = firstPayment();
      added.push(PREFIX + recordIdOf('payer_7', 'Mutation.createPayment', first.key));
      return { shot: first, hasEffect: true };
    },
  });
  // So that the next round finds as many records as this one.
  for (let from = 0; from < added.length; from += REMOVED_AT_ONCE) {
    await redis.call('UNLINK', ...added.slice(from, from + REMOVED_AT_ONCE));
  }
  const left = Number(await redis.call('DBSIZE'));
  if (left !== records) throw new Error(`${String(left)} records instead of ${String(records)}.`);
  return { records, mode, round, ...figures };
}
