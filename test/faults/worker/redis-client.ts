import { Cluster, Redis } from 'ioredis';
import type { RedisAddress } from './config.js';

/** Connections come back quickly: the faults, not the client's patience, should decide. */
const retry = (times: number): number => Math.min(10 * times, 100);

/** Connects to Redis as a server of a user would, only less patiently. */
export function connectRedis(address: RedisAddress): Redis | Cluster {
  const client = open(address);
  // The calls of a lost connection fail, and report it.
  client.on('error', () => undefined);
  return client;
}

function open(address: RedisAddress): Redis | Cluster {
  switch (address.kind) {
    case 'standalone':
      return new Redis({ host: '127.0.0.1', port: address.port, retryStrategy: retry });
    case 'cluster':
      return new Cluster(
        address.ports.map((port) => ({ host: '127.0.0.1', port })),
        { clusterRetryStrategy: retry },
      );
    case 'sentinel':
      return new Redis({
        sentinels: address.ports.map((port) => ({ host: '127.0.0.1', port })),
        name: address.name,
        retryStrategy: retry,
        sentinelRetryStrategy: retry,
      });
    default:
      return address satisfies never;
  }
}
