import { Redis } from 'ioredis';
import { openYardstick } from '../../test/faults/worker/yardsticks.js';
import type { ServerConfig } from './config.js';
import { openFloor } from './floor.js';

/** What a resolver does around its effect. */
export type Protect = <T>(key: string, run: () => T | Promise<T>) => Promise<T>;

const TIMES = { leaseMs: 30_000, waitMs: 5_000, ttlSeconds: 86_400 };

/** What protects the resolver by hand; `undefined` where nothing does, or the plugin. */
export async function openProtection({
  contender,
  redisPort,
  modules,
}: ServerConfig): Promise<Protect | undefined> {
  switch (contender) {
    case 'floor':
      return openFloor(redisPort, false);
    case 'floor-batched':
      return openFloor(redisPort, true);
    case 'node-idempotency':
    case 'powertools': {
      const yardstick = await openYardstick({ name: contender, modules }, redisPort, TIMES);
      return (key, run) => yardstick.protect({ scope: 'payer_7', key, amount: 1 }, run);
    }
    case 'one-ping':
    case 'two-pings': {
      const redis = new Redis(redisPort, '127.0.0.1');
      const pings = contender === 'one-ping' ? 1 : 2;
      return async (_, run) => {
        for (let sent = 0; sent < pings; sent += 1) await redis.ping();
        return run();
      };
    }
    default:
      return undefined;
  }
}
