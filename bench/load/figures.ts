import type { RedisServer } from '../../test/support/redis-server.js';
import type { Figures } from '../results.js';
import type { BenchServer } from '../server-process.js';
import { percentile } from '../statistics.js';
import { runSlice, type Shot } from './slice.js';

/** A stretch of load on a server, and how many effects it must have. */
export interface Stretch {
  readonly connections: number;
  readonly durationMs: number;
  /** Gives the next request, and whether it must have an effect. */
  readonly next: () => { readonly shot: Shot; readonly hasEffect: boolean };
}

/**
 * Measures a stretch of load.
 *
 * @throws Error when an answer is wrong, or the number of effects is not what it must be
 */
export async function measure(
  server: BenchServer,
  redis: RedisServer,
  { connections, durationMs, next }: Stretch,
): Promise<Figures> {
  let due = 0;
  const before = await server.usage();
  const redisBefore = await redisCpuUs(redis);
  const { requests, seconds, latenciesUs } = await runSlice({
    port: server.port,
    connections,
    durationMs,
    next() {
      const { shot, hasEffect } = next();
      if (hasEffect) due += 1;
      return shot;
    },
  });
  const redisAfter = await redisCpuUs(redis);
  const after = await server.usage();
  checkEffects(server.name, due, after.effects - before.effects);
  return {
    perSecond: requests / seconds,
    p50Us: percentile(latenciesUs, 0.5),
    p99Us: percentile(latenciesUs, 0.99),
    cpuUs: (after.cpuUs - before.cpuUs) / requests,
    redisCpuUs: (redisAfter - redisBefore) / requests,
  };
}

/**
 * Does something to a server and counts its effects.
 *
 * @throws Error when there are more or fewer than `due`
 */
export async function withEffects<T>(
  server: BenchServer,
  due: number,
  act: () => Promise<T>,
): Promise<T> {
  const before = await server.usage();
  const result = await act();
  const after = await server.usage();
  checkEffects(server.name, due, after.effects - before.effects);
  return result;
}

function checkEffects(name: string, due: number, happened: number): void {
  if (happened === due) return;
  throw new Error(`${name}: ${String(due)} effects were due, and ${String(happened)} happened.`);
}

async function redisCpuUs(redis: RedisServer): Promise<number> {
  const info = await redis.info('cpu');
  return 1e6 * (Number(info.get('used_cpu_user')) + Number(info.get('used_cpu_sys')));
}
