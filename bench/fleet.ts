import type { RedisServer } from '../test/support/redis-server.js';
import type { Contender, ContenderName } from './contenders.js';
import type { Entrant } from './matrix.js';
import { startBenchServer, type BenchServer } from './server-process.js';

/** The servers of a run, one for each contender and one more of ours. */
export interface Fleet {
  entrantsOf(contenders: readonly Contender[]): readonly Entrant[];
  server(name: ContenderName): BenchServer;
  /** Another server of ours with the same Redis. */
  readonly second: BenchServer;
  end(): Promise<void>;
}

/** Starts all of them. */
export async function startFleet(
  contenders: readonly Contender[],
  redis: RedisServer,
  modules: string,
): Promise<Fleet> {
  const start = (contender: ContenderName): Promise<BenchServer> =>
    startBenchServer({ contender, redisPort: redis.port, modules });
  const servers = new Map<ContenderName, BenchServer>();
  for (const { name } of contenders) servers.set(name, await start(name));
  const second = await start('redis');

  function server(name: ContenderName): BenchServer {
    const found = servers.get(name);
    if (found === undefined) throw new RangeError(`There is no server "${name}".`);
    return found;
  }

  return {
    entrantsOf: (some) => some.map((contender) => ({ contender, server: server(contender.name) })),
    server,
    second,
    async end() {
      for (const one of [...servers.values(), second]) await one.end();
    },
  };
}
