import type { RedisServer } from '../../test/support/redis-server.js';
import type { HttpAnswer } from '../load/connection.js';
import { measure, withEffects } from '../load/figures.js';
import { again, resultOf, sendAll } from '../load/repeats.js';
import type { Shot } from '../load/slice.js';
import { firstStatement, STATEMENT_LINES } from '../load/statements.js';
import type { Rounds } from '../load/rounds.js';
import type { SizeSample } from '../results.js';
import type { BenchServer } from '../server-process.js';

const NAMES = ['none', 'redis', 'floor'] as const;
const MODES = ['first', 'replay'] as const;
const REPLAY_POOL = 8;

/** A server with statements that were made. */
interface Team {
  readonly contender: SizeSample['contender'];
  readonly server: BenchServer;
  readonly made: readonly Shot[];
  readonly resultBytes: number;
}

/** Measures results of different sizes at one connection, in turns. Empties Redis now and then. */
export async function measureSizes(
  servers: Readonly<Record<SizeSample['contender'], BenchServer>>,
  redis: RedisServer,
  { rounds, sliceMs }: Rounds,
  say: (line: string) => void,
): Promise<SizeSample[]> {
  const samples: SizeSample[] = [];
  for (const lines of Object.values(STATEMENT_LINES)) {
    await redis.call('FLUSHALL', 'SYNC');
    const teams: Team[] = [];
    for (const name of NAMES) teams.push(await makeStatements(name, servers[name], lines));
    // The first round only warms up.
    for (let round = -1; round < rounds; round += 1) {
      say(`results with ${String(lines)} lines, round ${String(round + 1)}`);
      for (const mode of MODES) {
        for (const team of turned(teams, round + 1)) {
          const { contender, server, made, resultBytes } = team;
          let sent = 0;
          const figures = await measure(server, redis, {
            connections: 1,
            durationMs: sliceMs,
            next() {
              sent += 1;
              const shot = mode === 'replay' ? made[sent % made.length] : undefined;
              const hasEffect = shot === undefined || contender === 'none';
              return { shot: shot ?? firstStatement(lines), hasEffect };
            },
          });
          if (round >= 0) samples.push({ contender, resultBytes, mode, round, ...figures });
        }
      }
    }
  }
  await redis.call('FLUSHALL', 'SYNC');
  return samples;
}

async function makeStatements(
  contender: SizeSample['contender'],
  server: BenchServer,
  lines: number,
): Promise<Team> {
  const made: Shot[] = [];
  let resultBytes = 0;
  const shots = Array.from({ length: REPLAY_POOL }, () => {
    const shot = firstStatement(lines);
    return {
      request: shot.request,
      check(answer: HttpAnswer) {
        shot.check(answer);
        made.push(again(shot, answer, contender !== 'none'));
        resultBytes = resultOf(answer, 'createStatement').bytes;
      },
    };
  });
  await withEffects(server, REPLAY_POOL, () => sendAll(server.port, shots, 1));
  return { contender, server, made, resultBytes };
}

/** The same items, beginning with another one each round. */
function turned<T>(items: readonly T[], round: number): T[] {
  const first = round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
