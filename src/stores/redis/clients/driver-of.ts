import { ioredisDriver } from './ioredis/ioredis-driver.js';
import type { IoRedisLike } from './ioredis/ioredis-like.js';
import { nodeRedisClusterDriver } from './node-redis/node-redis-cluster-driver.js';
import { nodeRedisDriver } from './node-redis/node-redis-driver.js';
import type {
  NodeRedisClientLike,
  NodeRedisClusterLike,
  NodeRedisSentinelLike,
} from './node-redis/node-redis-like.js';
import { nodeRedisSentinelDriver } from './node-redis/node-redis-sentinel-driver.js';
import type { RedisDriver } from './redis-driver.js';

/**
 * A Redis client for a {@link RedisStore}: `Redis` or `Cluster` of ioredis 5 and 6 or of iovalkey; the
 * result of `createClient`, `createCluster` or `createSentinel` of node-redis 5 and 6. The store never
 * changes or closes it.
 */
export type RedisLike =
  IoRedisLike | NodeRedisClientLike | NodeRedisClusterLike | NodeRedisSentinelLike;

/** The kinds of clients, each with the methods that only it has. */
const KINDS = {
  ioredis: ['callBuffer', 'pipeline', 'duplicate'],
  nodeRedisCluster: ['nodeClient', 'sendCommand', 'duplicate', 'withTypeMapping'],
  nodeRedisSentinel: ['getSentinelNode', '_execute', 'sendCommand', 'withTypeMapping'],
  nodeRedis: ['sendCommand', 'duplicate', 'withTypeMapping', 'destroy'],
} as const;

type Kind = keyof typeof KINDS;

function kindOf(client: unknown): Kind | undefined {
  if (typeof client !== 'object' || client === null) return undefined;
  const has = (method: string): boolean =>
    typeof (client as Record<string, unknown>)[method] === 'function';
  return (Object.keys(KINDS) as Kind[]).find((kind) => KINDS[kind].every(has));
}

/** The problems of a client, in sentences; empty if its kind is known. */
export function clientProblem(client: unknown): readonly string[] {
  if (kindOf(client) !== undefined) return [];
  return [
    'The client must be a Redis or Cluster of ioredis 5.9 or later or of iovalkey, or what ' +
      'createClient, createCluster or createSentinel of node-redis (the package redis) 5 or later gives.',
  ];
}

/** @throws TypeError when the client's kind is not known */
export function driverOf(client: RedisLike): RedisDriver {
  const kind = kindOf(client);
  switch (kind) {
    case 'ioredis':
      return ioredisDriver(client as IoRedisLike);
    case 'nodeRedisCluster':
      return nodeRedisClusterDriver(client as NodeRedisClusterLike);
    case 'nodeRedisSentinel':
      return nodeRedisSentinelDriver(client as NodeRedisSentinelLike);
    case 'nodeRedis':
      return nodeRedisDriver(client as NodeRedisClientLike);
    case undefined:
      throw new TypeError(clientProblem(client).join(' '));
    default:
      return kind satisfies never;
  }
}
