import { startRedis, type RedisServer } from './redis-server.js';
import { until } from './until.js';

/** A primary and its replicas. */
export interface RedisReplicas {
  /** Whoever is the primary now. */
  readonly primary: RedisServer;
  readonly replicas: readonly RedisServer[];
  /** From now on these replicas, or all, learn of no write. What was written before, all have. */
  lag(behind?: readonly RedisServer[]): Promise<void>;
  /** Ends the lag and waits until every replica has everything. */
  catchUp(): Promise<void>;
  /** The primary dies, with what no replica has; a replica takes its place, the first if not named. */
  promote(replica?: RedisServer): Promise<void>;
  /** Restarts the killed server as a replica, without the data that only it had. */
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
const ACKNOWLEDGE_MS_MAX = 1_000;

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
    async lag(behind = replicas) {
      await cutOff(primary, behind);
      await inSync(
        primary,
        replicas.filter((replica) => !behind.includes(replica)),
      );
    },
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

/** Waits until the replicas follow the primary, have all of its writes and say so when asked. */
export async function inSync(
  primary: RedisServer,
  replicas: readonly RedisServer[],
): Promise<void> {
  await until(async () => {
    const states = await Promise.all(replicas.map((replica) => replica.info('replication')));
    const linked = states.every((state) => {
      const follows = state.get('master_port') === String(primary.port);
      return follows && state.get('master_link_status') === 'up';
    });
    if (!linked) return false;
    // A replica that has just been linked is sent nothing for a while: it must have something new.
    await writeAndErase(primary);
    const acknowledged = await primary.call('WAIT', replicas.length, ACKNOWLEDGE_MS_MAX);
    return Number(acknowledged) >= replicas.length;
  });
}

/** A write that leaves nothing behind. In a cluster it must be to a key that the primary has. */
async function writeAndErase(primary: RedisServer): Promise<void> {
  const script = "redis.call('SET', KEYS[1], '') redis.call('DEL', KEYS[1])";
  for (let number = 0; ; number += 1) {
    try {
      await primary.call('EVAL', script, 1, `sync ${String(number)}`);
      return;
    } catch (error) {
      if (!String(error).includes('MOVED')) throw error;
    }
  }
}
