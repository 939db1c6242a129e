import type { Random } from '../test/faults/random.js';
import type { RedisServer } from '../test/support/redis-server.js';
import type { Contender } from './contenders.js';
import { measure } from './load/figures.js';
import { firstPayment } from './load/payments.js';
import { sendOnce } from './load/repeats.js';
import type { Shot } from './load/slice.js';
import type { Mode, Row, Sample } from './results.js';
import type { BenchServer } from './server-process.js';

/** A contender and its server. */
export interface Entrant {
  readonly contender: Contender;
  readonly server: BenchServer;
}

/** How much is measured. */
export interface MatrixPlan {
  readonly connections: readonly number[];
  readonly modes: readonly Mode[];
  readonly rounds: number;
  readonly sliceMs: number;
}

const REPLAY_POOL = 256;

/** Measures every contender in every row, in short rounds that take turns. */
export async function runMatrix(
  entrants: readonly Entrant[],
  redis: RedisServer,
  plan: MatrixPlan,
  random: Random,
  say: (line: string) => void,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const teams = await Promise.all(entrants.map(makePayments));
  for (const connections of plan.connections) {
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const mode of plan.modes) {
        say(`${String(connections)} connections, ${mode}, round ${String(round + 1)}`);
        for (const team of shuffled(teams, random)) {
          samples.push(await measureRow(team, redis, { connections, mode, round }, plan.sliceMs));
        }
      }
    }
  }
  return samples;
}

/** An entrant with payments that were made. */
interface Team extends Entrant {
  readonly made: readonly Shot[];
}

async function makePayments(entrant: Entrant): Promise<Team> {
  const { contender, server } = entrant;
  const plan = { port: server.port, count: REPLAY_POOL, connections: 8 };
  return { ...entrant, made: await sendOnce(plan, firstPayment, contender.isProtected) };
}

async function measureRow(
  { contender, server, made }: Team,
  redis: RedisServer,
  row: Row & { readonly round: number },
  durationMs: number,
): Promise<Sample> {
  let sent = 0;
  const { connections, mode } = row;
  const figures = await measure(server, redis, {
    connections,
    durationMs,
    next() {
      sent += 1;
      const isAgain = mode === 'replay' || (mode === 'mix' && sent % 10 === 0);
      const shot = isAgain ? made[sent % made.length] : undefined;
      return { shot: shot ?? firstPayment(), hasEffect: !isAgain || !contender.isProtected };
    },
  });
  return { contender: contender.name, ...row, ...figures };
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.integer(0, left.length - 1), 1)[0] as T);
}
