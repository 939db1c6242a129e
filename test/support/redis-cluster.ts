import { moveSlot, slotOwners, type MoveStage } from './cluster-slots.js';
import { cutOff, inSync, REPLICATION_ARGS } from './redis-replicas.js';
import { startRedis, type RedisServer } from './redis-server.js';
import { until } from './until.js';

/** A Redis Cluster of three primaries, with or without a replica each. */
export interface RedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** The first three were started as primaries. */
  readonly servers: readonly RedisServer[];
  /** The primary that has a key. */
  ownerOf(key: string): Promise<RedisServer>;
  /** From now on the primary's replica learns of no write. What was written before, it has. */
  lag(primary: RedisServer): Promise<void>;
  /** The primary dies, with what its replica has not; waits until that has taken its place. */
  failOver(primary: RedisServer): Promise<RedisServer>;
  /** Restarts the killed server as a replica, without the data that only it had. */
  rejoin(): Promise<void>;
  /** Moves a key's slot to another primary, while clients may use it, and stops at each stage. */
  reshard(
    key: string,
    to: RedisServer,
    onStage?: (stage: MoveStage) => Promise<void>,
  ): Promise<void>;
  stop(): Promise<void>;
}

/** Options of {@link startCluster}. */
export interface RedisClusterOptions {
  /**
   * Whether every primary has a replica.
   *
   * @defaultValue false
   */
  readonly replicas?: boolean;
  /** More arguments of every node. */
  readonly args?: readonly string[];
}

const RANGES = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383],
] as const;
const SLOTS = 16_384;
/**
 * The longest silence of a node: short where a replica waits for it, else long enough not to disturb.
 */
const NODE_TIMEOUT_MS = { replicas: 1_000, noReplicas: 2_000 };

/** Starts a cluster and waits until all of its nodes serve all slots. */
export async function startCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const replicas = options.replicas === true;
  const nodeTimeoutMs = NODE_TIMEOUT_MS[replicas ? 'replicas' : 'noReplicas'];
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(nodeTimeoutMs)];
  args.push(...REPLICATION_ARGS, ...(options.args ?? []));
  const servers = await startAll(RANGES.length * (replicas ? 2 : 1), args);
  const dead = new Set<RedisServer>();
  const halted = new Set<RedisServer>();
  const living = (): RedisServer[] => servers.filter((server) => !dead.has(server));
  const awake = (): RedisServer[] => living().filter((server) => !halted.has(server));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    await form(servers);
  } catch (error) {
    await stop();
    throw error;
  }

  async function replicasOf(primary: RedisServer): Promise<RedisServer[]> {
    const others = awake().filter((server) => server !== primary);
    const infos = await Promise.all(others.map((server) => server.info('replication')));
    return others.filter((_, index) => infos[index]?.get('master_port') === String(primary.port));
  }
  async function owners(): Promise<RedisServer[]> {
    const ports = new Set((await slotOwners(anyOf(awake()))).values());
    return servers.filter(({ port }) => ports.has(port));
  }
  async function slotOf(key: string): Promise<number> {
    return Number(await anyOf(awake()).call('CLUSTER', 'KEYSLOT', key));
  }
  async function ownerOf(key: string): Promise<RedisServer> {
    const port = (await slotOwners(anyOf(awake()))).get(await slotOf(key));
    return anyOf(servers.filter((server) => server.port === port));
  }

  return {
    nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    servers,
    ownerOf,
    async lag(primary) {
      const replicas = await replicasOf(primary);
      await cutOff(primary, replicas);
      for (const replica of replicas) halted.add(replica);
    },
    async failOver(primary) {
      const slots = [...(await slotOwners(primary))];
      const [slot] = slots.find(([, port]) => port === primary.port) ?? [];
      if (slot === undefined) throw new Error('The server has no slots.');
      await primary.kill();
      dead.add(primary);
      for (const server of halted) server.resume();
      halted.clear();
      await until(() => allServe(living()));
      const port = (await slotOwners(anyOf(awake()))).get(slot);
      return anyOf(servers.filter((server) => server.port === port));
    },
    async rejoin() {
      const back = [...dead];
      dead.clear();
      for (const server of back) {
        await server.restart();
        await until(async () => (await server.info('replication')).get('role') === 'slave');
      }
      await until(() => allServe(servers));
      for (const primary of await owners()) await inSync(primary, await replicasOf(primary));
    },
    async reshard(key, to, onStage = () => Promise.resolve()) {
      const [slot, from, primaries] = [await slotOf(key), await ownerOf(key), await owners()];
      await moveSlot({ slot, from, to, primaries, onStage });
    },
    stop,
  };
}

async function startAll(count: number, args: readonly string[]): Promise<RedisServer[]> {
  const started = await Promise.allSettled(
    Array.from({ length: count }, () => startRedis({ args })),
  );
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed === undefined) return servers;
  await Promise.all(servers.map((server) => server.stop()));
  throw failed.reason;
}

/** Makes one cluster of the servers: the first three primaries, the others their replicas. */
async function form(servers: readonly RedisServer[]): Promise<void> {
  const first = anyOf(servers);
  for (const [index, server] of servers.entries()) {
    await server.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    const range = RANGES[index];
    if (range !== undefined) await server.call('CLUSTER', 'ADDSLOTSRANGE', ...range);
    await first.call('CLUSTER', 'MEET', '127.0.0.1', server.port);
  }
  const primaries = servers.slice(0, RANGES.length);
  await until(() => allServe(servers));
  for (const [index, primary] of primaries.entries()) {
    const replica = servers[RANGES.length + index];
    if (replica === undefined) return;
    await replica.call('CLUSTER', 'REPLICATE', String(await primary.call('CLUSTER', 'MYID')));
    await inSync(primary, [replica]);
  }
  // Clients ask any node for the replicas.
  await until(async () => {
    const slots = await Promise.all(servers.map((server) => server.call('CLUSTER', 'SLOTS')));
    return slots.every((ranges) => (ranges as unknown[][]).every(({ length }) => length > 3));
  });
}

/** Whether all of these nodes know of living primaries for all slots, and know the same. */
async function allServe(servers: readonly RedisServer[]): Promise<boolean> {
  const infos = await Promise.all(servers.map((server) => server.call('CLUSTER', 'INFO')));
  if (!infos.every((info) => String(info).includes('cluster_state:ok'))) return false;
  const views = await Promise.all(servers.map(slotOwners));
  const ports = new Set(servers.map(({ port }) => port));
  return views.every((view) => {
    if (view.size !== SLOTS) return false;
    return [...view].every(([slot, port]) => ports.has(port) && views[0]?.get(slot) === port);
  });
}

function anyOf(servers: readonly RedisServer[]): RedisServer {
  const [server] = servers;
  if (server === undefined) throw new Error('There is no such server.');
  return server;
}
