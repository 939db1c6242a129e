import { createRandom } from '../test/faults/random.js';
import type { RedisServer } from '../test/support/redis-server.js';
import { CONTENDERS, PINGS } from './contenders.js';
import { startFleet, type Fleet } from './fleet.js';
import { describeMachine } from './machine.js';
import { askInProcess } from './in-process/ask.js';
import { runMatrix } from './matrix.js';
import { measureBystanders } from './parts/bystanders.js';
import { measureCluster } from './parts/cluster.js';
import { measureCodec } from './parts/codec.js';
import { countCommands } from './parts/commands.js';
import { measurePopulations } from './parts/populations.js';
import { measureRecordSizes } from './parts/record-sizes.js';
import { measureSizes } from './parts/sizes.js';
import { measureWaiters } from './parts/waiters.js';
import type { BenchPlan } from './plan.js';
import type { BenchResults, Sample } from './results.js';
import type { BenchServer } from './server-process.js';

type Say = (line: string) => void;

/** Where everything is. */
export interface BenchSetting {
  readonly plan: BenchPlan;
  /** Makes the order in which contenders take turns. */
  readonly seed: string;
  /** The benchmark's own: it is emptied. */
  readonly redis: RedisServer;
  /** Where the packages of other contenders are installed. */
  readonly modules: string;
}

/**
 * Measures everything.
 *
 * @throws Error at the first wrong answer, and the first wrong number of effects
 */
export async function measureAll(setting: BenchSetting, say: Say): Promise<BenchResults> {
  const startedAt = new Date();
  const { plan, redis, modules } = setting;
  const fleet = await startFleet([...CONTENDERS, ...PINGS], redis, modules);
  try {
    const { none, redis: ours, floor } = serversOf(fleet);
    const samples = await measureRows(fleet, setting, say);
    const servers = fleet.entrantsOf(CONTENDERS).map(({ server }) => server);
    const marked = fleet
      .entrantsOf(CONTENDERS.filter(({ usesRedis }) => usesRedis))
      .map(({ server }) => server);
    const parts = {
      bystanders: await measureBystanders({ none, redis: ours }, redis, plan.bystanders, say),
      commands: await countCommands(servers, redis, say),
      sizes: await measureSizes({ none, redis: ours, floor }, redis, plan.sizes, say),
      records: await measureRecordSizes(marked, redis, plan.records, say),
      waiters: await measureWaiters(
        { owners: ours, others: fleet.second },
        redis,
        plan.waiters,
        say,
      ),
      populations: await measurePopulations(plan.populations, say),
      codec: await measureCodec(plan.codec, say),
      inProcess: await askInProcess(plan.inProcess, say),
      cluster: await measureCluster(plan.cluster, say),
    };
    return {
      startedAt: startedAt.toISOString(),
      seconds: (Date.now() - startedAt.getTime()) / 1_000,
      machine: await describeMachine(redis, modules),
      contenders: CONTENDERS,
      samples,
      ...parts,
    };
  } finally {
    await fleet.end();
  }
}

/** Every contender in every row. */
async function measureRows(
  fleet: Fleet,
  { plan, seed, redis }: BenchSetting,
  say: Say,
): Promise<Sample[]> {
  const random = createRandom(seed);
  const all = fleet.entrantsOf([...CONTENDERS, ...PINGS]);
  say('warming up');
  await runMatrix(all, redis, { ...plan.warmUp, connections: [32] }, random, () => undefined);
  // Bare round trips are what a lone request is held against.
  const alone = await runMatrix(all, redis, { ...plan.matrix, connections: [1] }, random, say);
  const entrants = fleet.entrantsOf(CONTENDERS);
  const many = { ...plan.matrix, connections: [32, 256] };
  return [...alone, ...(await runMatrix(entrants, redis, many, random, say))];
}

function serversOf(fleet: Fleet): Record<'none' | 'redis' | 'floor', BenchServer> {
  return {
    none: fleet.server('none'),
    redis: fleet.server('redis'),
    floor: fleet.server('floor'),
  };
}
