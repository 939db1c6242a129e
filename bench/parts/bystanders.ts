import type { RedisServer } from '../../test/support/redis-server.js';
import { measure } from '../load/figures.js';
import { queryPayment, unmarkedPayment } from '../load/payments.js';
import type { Rounds } from '../load/rounds.js';
import { BYSTANDERS, type BystanderSample } from '../results.js';
import type { BenchServer } from '../server-process.js';

const CONNECTIONS = 32;

/** Measures what has nothing to do with idempotency, without the plugin and with it, in turns. */
export async function measureBystanders(
  servers: Readonly<Record<BystanderSample['contender'], BenchServer>>,
  redis: RedisServer,
  { rounds, sliceMs }: Rounds,
  say: (line: string) => void,
): Promise<BystanderSample[]> {
  const samples: BystanderSample[] = [];
  // The first round only warms up.
  for (let round = -1; round < rounds; round += 1) {
    say(`bystanders, round ${String(round + 1)}`);
    for (const what of BYSTANDERS) {
      // Nobody is always the first.
      const order = round % 2 === 0 ? (['none', 'redis'] as const) : (['redis', 'none'] as const);
      for (const contender of order) {
        const figures = await measure(servers[contender], redis, {
          connections: CONNECTIONS,
          durationMs: sliceMs,
          next: () =>
            what === 'query'
              ? { shot: queryPayment, hasEffect: false }
              : { shot: unmarkedPayment(), hasEffect: true },
        });
        if (round >= 0) samples.push({ contender, what, round, ...figures });
      }
    }
  }
  return samples;
}
