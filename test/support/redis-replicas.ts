import { startRedis, type RedisServer } from './redis-server.js';
import { until } from './until.js';

/** A primary and its replicas. */
export interface RedisReplicas {
  /** Whoever is the primary now. */
  readonly primary: RedisServer;
  readonly replicas: readonly RedisServer[];
  /** From now on no replica learns of any write. What was written before, all have. */
  lag(): Promise<void>;
  /** Ends the lag and waits until every replica has everything. */
  catchUp(): Promise<void>;
  /** The primary dies, with what no replica has; a replica takes its place, the first if not named. */
  promote(replica?: RedisServer): Promise<void>;
  /** Who died comes back as a replica, forgetting what only it knew. */
  rejoin(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * So that nobody waits for timers: replicas start at once instead of in company, and have an offset,
 * without which a cluster does not name them, after a second.
 */
export const REPLICATION_ARGS = [
  ...['--repl-diskless-sync-delay', '0'],
  ...['--repl-ping-replica-period', '1'],
] as const;
const SYNC_MS_MAX = 20_000;

/** Starts a primary and replicas that have all of its writes. */
export async function startReplicas(
  count = 1,
  args: readonly string[] = [],
): Promise<RedisReplicas> {
  const allArgs = [...REPLICATION_ARGS, ...args];
  const started: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  let primary: RedisServer;
  let replicas: RedisServer[];
  const dead: RedisServer[] = [];
  try {
    primary = await startRedis({ args: allArgs });
    started.push(primary);
    const replicaArgs = [...allArgs, '--replicaof', '127.0.0.1', String(primary.port)];
    replicas = await Promise.all(
      Array.from({ length: count }, async () => {
        const replica = await startRedis({ args: replicaArgs });
        started.push(replica);
        return replica;
      }),
    );
    await inSync(primary, replicas);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    get primary() {
      return primary;
    },
    get replicas() {
      return replicas;
    },
    lag: () => cutOff(primary, replicas),
    async catchUp() {
      for (const replica of replicas) replica.resume();
      await inSync(primary, replicas);
    },
    async promote(replica = replicas[0]) {
      if (replica === undefined) throw new Error('There is no replica to promote.');
      await primary.kill();
      dead.push(primary);
      primary = replica;
      replicas = replicas.filter((other) => other !== replica);
      replica.resume();
      await replica.call('REPLICAOF', 'NO', 'ONE');
      for (const other of replicas) {
        other.resume();
        await follow(other, primary);
      }
      await inSync(primary, replicas);
    },
    async rejoin() {
      for (const server of dead.splice(0)) {
        await server.restart();
        await follow(server, primary);
        replicas = [...replicas, server];
      }
      await inSync(primary, replicas);
    },
    stop,
  };
}

/**
 * Waits until the replicas have everything, then halts them and drops what the primary has for
 * them: whatever is written from now on, no replica has.
 */
export async function cutOff(
  primary: RedisServer,
  replicas: readonly RedisServer[],
): Promise<void> {
  await inSync(primary, replicas);
  for (const replica of replicas) replica.pause();
  await primary.call('CLIENT', 'KILL', 'TYPE', 'replica');
}

/** Makes a server a replica of another. */
export async function follow(replica: RedisServer, primary: RedisServer): Promise<void> {
  await replica.call('REPLICAOF', '127.0.0.1', primary.port);
}

/** Waits until the replicas follow the primary and have all that it had when they were asked. */
export async function inSync(
  primary: RedisServer,
  replicas: readonly RedisServer[],
): Promise<void> {
  await until(async () => {
    const ours = await primary.info('replication');
    const theirs = await Promise.all(replicas.map((replica) => replica.info('replication')));
    const online = [...ours.values()].filter((value) => value.includes('state=online'));
    const offset = Number(ours.get('master_repl_offset'));
    return (
      ours.get('role') === 'master' &&
      online.length >= replicas.length &&
      theirs.every((state) => {
        const follows = state.get('master_port') === String(primary.port);
        const linked = state.get('master_link_status') === 'up';
        return follows && linked && Number(state.get('slave_repl_offset')) >= offset;
      })
    );
  }, SYNC_MS_MAX);
}
