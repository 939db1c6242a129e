import { Cluster, Redis } from 'ioredis';

import { QUICK } from './application.js';
import type { ApplicationClient } from './redis-clients.js';
import { startCluster } from './redis-cluster.js';
import { startReplicas } from './redis-replicas.js';
import { startSentinel } from './redis-sentinel.js';
import { startTcpProxy } from './tcp-proxy.js';

/** A Redis that can fail over, and how an application reaches it. */
export interface Topology {
  /** A new client, which follows a failover as its kind does. */
  connect(): ApplicationClient | Promise<ApplicationClient>;
  /** From now on replicas learn of no write, at least of those to one primary. */
  lag(): Promise<void>;
  /** The primary dies, and a replica takes its place. */
  failOver(): Promise<void>;
  /** Restarts the killed server as a replica. */
  rejoin(): Promise<void>;
  stop(): Promise<void>;
}

/** A primary with two replicas, one of which an operator promotes. Clients know one address. */
async function startPromotion(): Promise<Topology> {
  const redis = await startReplicas(2);
  const address = await startTcpProxy(redis.primary.port);
  return {
    connect: () => new Redis(address.port, '127.0.0.1', QUICK),
    lag: () => redis.lag(),
    async failOver() {
      await redis.promote();
      address.redirect(redis.primary.port);
      address.cut();
    },
    rejoin: () => redis.rejoin(),
    async stop() {
      await address.close();
      await redis.stop();
    },
  };
}

async function startUnderSentinels(): Promise<Topology> {
  const redis = await startSentinel();
  const { sentinels, name } = redis;
  return {
    ...redis,
    connect: () => new Redis({ ...QUICK, sentinels: [...sentinels], name }),
  };
}

/** Only the primary of some slots lags and dies. */
async function startClusterWithReplicas(): Promise<Topology> {
  const redis = await startCluster({ replicas: true });
  const primary = (): ReturnType<typeof redis.ownerOf> => redis.ownerOf('');
  return {
    connect: () => new Cluster([...redis.nodes], { redisOptions: QUICK }),
    lag: async () => redis.lag(await primary()),
    async failOver() {
      await redis.failOver(await primary());
    },
    rejoin: () => redis.rejoin(),
    stop: () => redis.stop(),
  };
}

/** Starts each of them. */
export const topologies: readonly [name: string, start: () => Promise<Topology>][] = [
  ['of a promoted replica', startPromotion],
  ['by sentinels', startUnderSentinels],
  ['in a cluster', startClusterWithReplicas],
];
