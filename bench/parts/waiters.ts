import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../../test/support/redis-server.js';
import { until } from '../../test/support/until.js';
import { freshKey } from '../load/repeats.js';
import type { WaiterResult } from '../results.js';
import type { BenchServer } from '../server-process.js';
import { percentile } from '../statistics.js';
import { openEngineParty } from './waiting/engine-party.js';
import { httpParty } from './waiting/http-party.js';
import { monotonicMs, type Answered, type Party } from './waiting/party.js';

/** How much is measured. */
export interface WaitersPlan {
  readonly rounds: number;
  readonly waiters: number;
  /** How long they wait until the owners are told to end: enough for all of them to arrive. */
  readonly waitMs: number;
}

/** Who has the keys, and who comes with the same requests. */
interface Scene {
  readonly at: WaiterResult['at'];
  readonly owners: Party;
  readonly others: Party;
}

/** What clients send, of what the store uses. No script can call any of these. */
const COMMANDS = ['evalsha', 'eval', 'subscribe'] as const;

/**
 * Measures duplicates that wait in one process for owners in another, with one key for all and with
 * a key for each. Empties Redis.
 *
 * @param servers - two of `redis` with the same Redis
 */
export async function measureWaiters(
  servers: { readonly owners: BenchServer; readonly others: BenchServer },
  redis: RedisServer,
  plan: WaitersPlan,
  say: (line: string) => void,
): Promise<WaiterResult[]> {
  const owners = await openEngineParty({ redisPort: redis.port, holds: true });
  const others = await openEngineParty({ redisPort: redis.port, holds: false });
  try {
    return [
      ...(await measureScene({ at: 'engine', owners, others }, redis, plan, say)),
      ...(await measureScene(
        { at: 'http', owners: httpParty(servers.owners), others: httpParty(servers.others) },
        redis,
        plan,
        say,
      )),
    ];
  } finally {
    await owners.end();
    await others.end();
  }
}

async function measureScene(
  scene: Scene,
  redis: RedisServer,
  plan: WaitersPlan,
  say: (line: string) => void,
): Promise<WaiterResult[]> {
  const { waiters } = plan;
  const results: WaiterResult[] = [];
  for (const keys of [1, waiters]) {
    const rounds: Round[] = [];
    // The first round only warms up: connections, scripts and the one subscription.
    for (let round = -1; round < plan.rounds; round += 1) {
      say(`${scene.at}: waiters for ${String(keys)} keys, round ${String(round + 1)}`);
      const measured = await runRound(scene, redis, keys, plan);
      if (round >= 0) rounds.push(measured);
    }
    results.push({
      at: scene.at,
      waiters,
      keys,
      p50Ms: rounds.map(({ delaysMs }) => percentile(delaysMs, 0.5)),
      p99Ms: rounds.map(({ delaysMs }) => percentile(delaysMs, 0.99)),
      commands: rounds.map(({ commands }) => commands),
    });
  }
  return results;
}

interface Round {
  /** From the owner's answer to each waiter's, sorted. Below 0 if the waiter was the first to know. */
  readonly delaysMs: Float64Array;
  readonly commands: number;
}

async function runRound(
  { at, owners, others }: Scene,
  redis: RedisServer,
  count: number,
  { waiters, waitMs }: WaitersPlan,
): Promise<Round> {
  await redis.call('FLUSHALL', 'SYNC');
  const effectsBefore = [await owners.effects(), await others.effects()] as const;
  const keys = Array.from({ length: count }, freshKey);
  const owning = quiet(owners.execute(keys));
  await Promise.race([until(async () => (await redis.call('DBSIZE')) === count), owning]);
  const before = await commandsOf(redis);
  const waiting = quiet(
    others.execute(Array.from({ length: waiters }, (_, index) => keys[index % count] ?? '')),
  );
  await Promise.race([sleep(waitMs), owning, waiting]);
  const releasedAtMs = monotonicMs();
  owners.release();
  const [owned, waited] = await Promise.all([owning, waiting]);
  // Each owner sent one command in this time: it completed.
  const commands = (await commandsOf(redis)) - before - count;
  const effects = [await owners.effects(), await others.effects()] as const;
  if (effects[0] - effectsBefore[0] !== count || effects[1] !== effectsBefore[1]) {
    throw new Error(`${at}: the number of effects is not the number of keys.`);
  }
  return { delaysMs: delaysOf(owned, waited, releasedAtMs), commands };
}

/** Whoever awaits it still learns of its failure; once something else has failed, nobody does. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function delaysOf(
  owned: readonly Answered[],
  waited: readonly Answered[],
  releasedAtMs: number,
): Float64Array {
  const byKey = new Map(owned.map((answered) => [answered.key, answered]));
  const delays = waited.map(({ key, atMs, text }) => {
    const first = byKey.get(key);
    if (first?.text !== text) throw new Error(`A waiter for ${key} got another answer: ${text}`);
    if (atMs < releasedAtMs) throw new Error(`A duplicate of ${key} did not wait.`);
    return atMs - first.atMs;
  });
  return Float64Array.from(delays).sort();
}

async function commandsOf(redis: RedisServer): Promise<number> {
  const stats = await redis.commandStats();
  return COMMANDS.reduce((sum, name) => sum + (stats.get(name) ?? 0), 0);
}
