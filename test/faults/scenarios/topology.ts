import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../../support/redis-cluster.js';
import { startReplicas } from '../../support/redis-replicas.js';
import { startSentinel } from '../../support/redis-sentinel.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { ALIVE } from '../checker.js';
import type { Random } from '../random.js';
import { resultOf, type Scenario, type ScenarioOptions, type ScenarioResult } from '../scenario.js';
import { underLoad } from '../under-load.js';
import type { RedisAddress } from '../worker/config.js';

/** With `replicas`, whatever was acknowledged outlives a failover. */
const RULES = { unknown: true, reruns: true, notStored: true, forgets: false };
/** Time for requests to meet what has just been done. */
const INTERLUDE_MS = [150, 400] as const;

/** Servers that fail over, and where workers find them. */
interface Topology {
  readonly address: RedisAddress;
  /** A failover whose new primary does not have the last writes; then everybody is there again. */
  failOver(random: Random): Promise<void>;
  stop(): Promise<void>;
}

/** A replica takes the place of its primary, which dies with writes that it alone had. */
export const promotions = failovers({
  name: 'promotions',
  title: "replica promoted without the primary's last writes",
  open: openReplicas,
});

/** Sentinels elect a replica in place of a primary that dies with writes that it alone had. */
export const sentinels = failovers({
  name: 'sentinel-failovers',
  title: "Sentinel failover without the primary's last writes",
  open: openSentinel,
});

/** A cluster's replica takes over from a primary that dies with writes that it alone had. */
export const clusters = failovers({
  name: 'cluster-failovers',
  title: "Cluster failover without the primary's last writes",
  open: openCluster,
});

/** Slots move from node to node while requests use them. */
export const reshardings: Scenario = {
  name: 'reshardings',
  title: 'slots of a Cluster moved while requests run',
  async run(options) {
    const cluster = await startCluster();
    const random = options.random.fork('slots');
    let moved = 0;
    try {
      const result = await underLoad(options, {
        name: 'reshardings',
        redis: addressOf(cluster.nodes),
        rules: ALIVE,
        injected: () => moved,
        async disturb() {
          for (; moved < options.size; moved += 1) {
            const slotOfAny = `slot-${String(random.integer(0, 1_000_000))}`;
            const owner = await cluster.ownerOf(slotOfAny);
            const others = cluster.servers.filter((server) => server !== owner);
            await cluster.reshard(slotOfAny, random.pick(others));
          }
        },
      });
      return resultOf(result, { 'slots moved': moved });
    } finally {
      await cluster.stop();
    }
  },
};

function failovers({
  name,
  title,
  open,
}: {
  readonly name: string;
  readonly title: string;
  readonly open: () => Promise<Topology>;
}): Scenario {
  return { name, title, run: (options) => failOver(options, name, open) };
}

async function failOver(
  options: ScenarioOptions,
  name: string,
  open: () => Promise<Topology>,
): Promise<ScenarioResult> {
  const topology = await open();
  const random = options.random.fork('failovers');
  let failoverCount = 0;
  try {
    const result = await underLoad(options, {
      name,
      redis: topology.address,
      rules: RULES,
      concurrency: 32,
      configOf: () => (options.withoutReplicas === true ? {} : { replicas: 'all' }),
      injected: () => failoverCount,
      async disturb() {
        for (; failoverCount < options.size; failoverCount += 1) {
          await interlude(random);
          await topology.failOver(random);
        }
      },
    });
    return resultOf(result, {
      'failovers with lag': failoverCount,
      'claims that Redis forgot': result.counts.claimsLost,
    });
  } finally {
    await topology.stop();
  }
}

async function openReplicas(): Promise<Topology> {
  const redis = await startReplicas(2);
  const proxy = await startTcpProxy(redis.primary.port);
  return {
    address: { kind: 'standalone', port: proxy.port },
    async failOver(random) {
      await redis.lag();
      await interlude(random);
      await redis.promote(random.pick(redis.replicas));
      proxy.redirect(redis.primary.port);
      proxy.cut();
      await interlude(random);
      await redis.rejoin();
    },
    async stop() {
      await proxy.close();
      await redis.stop();
    },
  };
}

async function openSentinel(): Promise<Topology> {
  const redis = await startSentinel();
  const ports = redis.sentinels.map(({ port }) => port);
  return {
    address: { kind: 'sentinel', name: redis.name, ports },
    async failOver(random) {
      await redis.lag();
      // Soon the sentinels would take the halted replicas for dead, and elect neither.
      await sleep(random.integer(50, 200));
      await redis.failOver();
      await interlude(random);
      await redis.rejoin();
    },
    stop: () => redis.stop(),
  };
}

async function openCluster(): Promise<Topology> {
  const cluster = await startCluster({ replicas: true });
  return {
    address: addressOf(cluster.nodes),
    async failOver(random) {
      const primary = await cluster.ownerOf(`key-${String(random.integer(0, 1_000_000))}`);
      await cluster.lag(primary);
      await interlude(random);
      await cluster.failOver(primary);
      await interlude(random);
      await cluster.rejoin();
    },
    stop: () => cluster.stop(),
  };
}

function addressOf(nodes: readonly { readonly port: number }[]): RedisAddress {
  return { kind: 'cluster', ports: nodes.map(({ port }) => port) };
}

function interlude(random: Random): Promise<void> {
  return sleep(random.integer(...INTERLUDE_MS));
}
