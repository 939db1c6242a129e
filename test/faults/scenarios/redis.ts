import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis, type RedisServer } from '../../support/redis-server.js';
import { ALIVE, UNNOTICED, type CheckRules } from '../checker.js';
import type { Random } from '../random.js';
import { resultOf, type Scenario, type ScenarioOptions, type ScenarioResult } from '../scenario.js';
import { UNHURRIED } from '../testbed.js';
import { underLoad } from '../under-load.js';

const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** Redis dies and comes back with all that it had acknowledged. */
export const redisKills = disturbingRedis({
  name: 'redis-kills',
  title: 'Redis ended by SIGKILL and started again, with appendfsync always',
  counted: 'Redis kills',
  args: DURABLE,
  rules: ALIVE,
  async disturb(redis, random) {
    await sleep(random.integer(100, 600));
    await redis.kill();
    await sleep(random.integer(0, 300));
    await redis.restart();
  },
});

/** Redis stops answering for a while. */
export const redisPauses = disturbingRedis({
  name: 'redis-pauses',
  title: 'Redis stopped by SIGSTOP for 0.1 to 2 s',
  counted: 'Redis pauses',
  rules: ALIVE,
  async disturb(redis, random) {
    await sleep(random.integer(100, 400));
    redis.pause();
    await sleep(random.integer(100, 2_000));
    redis.resume();
  },
});

/** Redis has no memory for anything new. */
export const outOfMemory = disturbingRedis({
  name: 'out-of-memory',
  title: 'Redis out of memory (noeviction) while requests run',
  counted: 'times out of memory',
  // Claims are refused, but what runs is completed: no answer comes without having been stored.
  rules: UNNOTICED,
  delayMs: (random) => (random.chance(0.3) ? random.integer(20, 150) : undefined),
  async disturb(redis, random) {
    await sleep(random.integer(50, 200));
    await redis.configure({ maxmemory: 1 });
    await sleep(random.integer(100, 400));
    await redis.configure({ maxmemory: 0 });
  },
});

/** Redis refuses all writes because it has too few replicas. */
export const noReplicas = disturbingRedis({
  name: 'no-replicas',
  title: 'Redis refuses writes (min-replicas-to-write) while requests run',
  counted: 'times refused',
  rules: ALIVE,
  delayMs: (random) => (random.chance(0.3) ? random.integer(20, 150) : undefined),
  async disturb(redis, random) {
    await sleep(random.integer(50, 200));
    await redis.configure({ 'min-replicas-to-write': 1 });
    await sleep(random.integer(100, 600));
    await redis.configure({ 'min-replicas-to-write': 0 });
  },
});

/** Redis forgets the scripts. */
export const scriptFlushes = disturbingRedis({
  name: 'script-flushes',
  title: 'SCRIPT FLUSH while requests run',
  counted: 'script flushes',
  rules: UNNOTICED,
  async disturb(redis, random) {
    await sleep(random.integer(5, 30));
    await redis.call('SCRIPT', 'FLUSH');
  },
});

/** A script of somebody else keeps Redis busy. */
export const busyScripts = disturbingRedis({
  name: 'busy-scripts',
  title: "somebody else's script keeps Redis busy for up to 1 s",
  counted: 'busy scripts',
  rules: ALIVE,
  async disturb(redis, random) {
    await sleep(random.integer(50, 300));
    const micros = String(random.integer(100_000, 1_000_000));
    const lua =
      "local s = redis.call('TIME') local b = s[1] * 1e6 + s[2] " +
      "repeat local t = redis.call('TIME') until t[1] * 1e6 + t[2] - b > tonumber(ARGV[1])";
    await redis.call('EVAL', lua, 0, micros);
  },
});

interface RedisDisturbance {
  readonly name: string;
  readonly title: string;
  /** The name of the number of rounds of `disturb` in the figures. */
  readonly counted: string;
  readonly args?: readonly string[];
  readonly rules: CheckRules;
  readonly delayMs?: (random: Random) => number | undefined;
  readonly disturb: (redis: RedisServer, random: Random) => Promise<void>;
}

function disturbingRedis(disturbance: RedisDisturbance): Scenario {
  const { name, title } = disturbance;
  return { name, title, run: (options) => disturbed(options, disturbance) };
}

async function disturbed(
  options: ScenarioOptions,
  { name, args = [], rules, counted, delayMs, disturb }: RedisDisturbance,
): Promise<ScenarioResult> {
  const redis = await startRedis({ args });
  const random = options.random.fork('disturbance');
  let rounds = 0;
  try {
    const result = await underLoad(options, {
      name,
      redis: { kind: 'standalone', port: redis.port },
      rules,
      configOf: () => (rules === UNNOTICED ? UNHURRIED : {}),
      delayMs: delayMs && (() => delayMs(random)),
      injected: () => rounds,
      async disturb() {
        for (; rounds < options.size; rounds += 1) await disturb(redis, random);
      },
    });
    return resultOf(result, { [counted]: rounds });
  } finally {
    await redis.stop();
  }
}
