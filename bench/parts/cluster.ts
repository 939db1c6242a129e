import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Cluster } from 'ioredis';
import { Engine } from '../../src/core/engine/engine.js';
import { createEvents } from '../../src/core/events.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { slotOwners } from '../../test/support/cluster-slots.js';
import { startCluster, type RedisCluster } from '../../test/support/redis-cluster.js';
import type { RedisServer } from '../../test/support/redis-server.js';
import type { ClusterResult } from '../results.js';
import { paymentRequest } from './payment-request.js';
import { SERVICE } from '../service.js';
import { execute } from '../../test/support/execute.js';

const CONCURRENCY = 32;
const WARM_UP = 500;
const PRIMARIES = 3;

/** Runs so many executions, and as many replays, against a real Cluster. */
export async function measureCluster(
  executions: number,
  say: (line: string) => void,
): Promise<ClusterResult> {
  say('starting a Cluster of three primaries and three replicas');
  const cluster = await startCluster({ replicas: true });
  try {
    const client = new Cluster([...cluster.nodes]);
    try {
      await once(client, 'ready');
      return await measureWith(client, cluster, executions, say);
    } finally {
      client.disconnect();
    }
  } finally {
    await cluster.stop();
  }
}

async function measureWith(
  client: Cluster,
  { servers }: RedisCluster,
  executions: number,
  say: (line: string) => void,
): Promise<ClusterResult> {
  const store = new RedisStore(client, { service: SERVICE });
  const engine = new Engine({
    store,
    storeTimeoutMs: 5_000,
    events: createEvents(),
    randomBytes,
  });
  const primaries = servers.slice(0, PRIMARIES);
  let effects = 0;

  async function executeAll(keys: readonly string[], due: 'executed' | 'replayed'): Promise<void> {
    const before = effects;
    await concurrently(keys, async (key) => {
      const { kind, outcome } = await execute(
        engine,
        paymentRequest(key, () => (effects += 1)),
      );
      if (kind !== due || !Buffer.from(outcome.payload).includes(key)) {
        throw new Error(`The key ${key} was not ${due} but ${kind}.`);
      }
    });
    const happened = effects - before;
    const dueEffects = due === 'executed' ? keys.length : 0;
    if (happened !== dueEffects) throw new Error(`${String(happened)} effects happened.`);
  }

  try {
    // Connections, the map of slots, and the scripts of every node.
    await executeAll(keysOf('warm-up', WARM_UP), 'executed');
    for (const primary of primaries) await primary.call('FLUSHALL', 'SYNC');
    for (const server of servers) await server.call('CONFIG', 'RESETSTAT');
    const keys = keysOf('order', executions);
    say(`${String(executions)} executions and as many replays on the Cluster`);
    await executeAll(keys, 'executed');
    await executeAll(keys, 'replayed');
  } finally {
    await store.close();
  }
  const result = {
    firsts: executions,
    replays: executions,
    nodes: await nodesOf(primaries),
    redirections: (await errorsOf(servers, 'MOVED')) + (await errorsOf(servers, 'ASK')),
    crossSlotErrors: await errorsOf(servers, 'CROSSSLOT'),
  };
  const records = result.nodes.reduce((sum, node) => sum + node.records, 0);
  if (records !== executions) throw new Error(`${String(records)} records were kept.`);
  return result;
}

function keysOf(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${String(index).padStart(9, '0')}`);
}

/** Works on all keys, a few at a time. */
async function concurrently(
  keys: readonly string[],
  work: (key: string) => Promise<void>,
): Promise<void> {
  const left = keys.values();
  const workers = Array.from({ length: CONCURRENCY }, async () => {
    for (const key of left) await work(key);
  });
  await Promise.all(workers);
}

async function nodesOf(primaries: readonly RedisServer[]): Promise<ClusterResult['nodes']> {
  const [first] = primaries;
  const owners = first === undefined ? [] : [...(await slotOwners(first)).values()];
  return Promise.all(
    primaries.map(async (primary) => {
      const stats = await primary.commandStats();
      return {
        slots: owners.filter((port) => port === primary.port).length,
        commands: (stats.get('evalsha') ?? 0) + (stats.get('eval') ?? 0),
        records: Number(await primary.call('DBSIZE')),
      };
    }),
  );
}

/** How often any of the servers gave this error. */
async function errorsOf(servers: readonly RedisServer[], name: string): Promise<number> {
  let count = 0;
  for (const server of servers) {
    const errors = await server.info('errorstats');
    count += Number(/count=(\d+)/.exec(errors.get(`errorstat_${name}`) ?? '')?.[1] ?? 0);
  }
  return count;
}
