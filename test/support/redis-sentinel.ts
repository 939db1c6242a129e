import { cutOff, follow, inSync, startReplicas } from './redis-replicas.js';
import { startRedis, type RedisServer } from './redis-server.js';
import { until } from './until.js';

/** A primary and two replicas under the eyes of three sentinels. */
export interface RedisSentinel {
  /** The sentinels' name of the primary. */
  readonly name: string;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** Whoever is the primary now. */
  readonly primary: RedisServer;
  /** From now on no replica learns of any write. Sentinels soon take halted replicas for dead. */
  lag(): Promise<void>;
  /** The primary dies, with what no replica has; waits until the sentinels have found another. */
  failOver(): Promise<void>;
  /** Restarts the killed server as a replica, without the data that only it had. */
  rejoin(): Promise<void>;
  stop(): Promise<void>;
}

const NAME = 'main';
const QUORUM = 2;
/**
 * Sentinels connect again only once a second, and cut each other's connections to a server that they
 * reconfigure: with less than that they take servers for dead that are not, and fail over once more.
 */
const DOWN_AFTER_MS = 1_500;

/** Starts all of them and waits until the sentinels know each other and the replicas. */
export async function startSentinel(args: readonly string[] = []): Promise<RedisSentinel> {
  const redis = await startReplicas(2, args);
  const servers = [redis.primary, ...redis.replicas];
  const sentinels: RedisServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all([...sentinels, redis].map((one) => one.stop()));
  };
  let primary = redis.primary;
  const dead = new Set<RedisServer>();
  const replicas = (): RedisServer[] => {
    return servers.filter((server) => server !== primary && !dead.has(server));
  };

  try {
    const config = [
      `sentinel monitor ${NAME} 127.0.0.1 ${String(primary.port)} ${String(QUORUM)}`,
      `sentinel down-after-milliseconds ${NAME} ${String(DOWN_AFTER_MS)}`,
      `sentinel failover-timeout ${NAME} 10000`,
    ].join('\n');
    for (let count = 0; count < 3; count += 1) {
      sentinels.push(await startRedis({ args: ['--sentinel'], config }));
    }
    await until(async () => {
      const infos = await Promise.all(sentinels.map((sentinel) => sentinel.info('sentinel')));
      return infos.every((info) => /slaves=2,sentinels=3/.test(info.get('master0') ?? ''));
    });
  } catch (error) {
    await stop();
    throw error;
  }

  /**
   * Whom all sentinels have taken for the primary, with the failover behind them. To clients they
   * name a new primary earlier, but one that is still failing over is confused by the next failover.
   */
  async function elected(): Promise<RedisServer | undefined> {
    const infos = await Promise.all(sentinels.map((sentinel) => sentinel.info('sentinel')));
    const ports = new Set(infos.map((info) => /:(\d+),/.exec(info.get('master0') ?? '')?.[1]));
    return ports.size === 1 ? servers.find(({ port }) => ports.has(String(port))) : undefined;
  }

  /** Whether all sentinels find all replicas alive: in a failover they reconfigure only those. */
  async function allAlive(): Promise<boolean> {
    const lists = await Promise.all(
      sentinels.map((sentinel) => sentinel.call('SENTINEL', 'REPLICAS', NAME)),
    );
    return lists.every((list) => !/s_down|disconnected/.test(JSON.stringify(list)));
  }

  return {
    name: NAME,
    sentinels: sentinels.map(({ port }) => ({ host: '127.0.0.1', port })),
    get primary() {
      return primary;
    },
    async lag() {
      // The sentinels may have changed their mind meanwhile.
      primary = (await elected()) ?? primary;
      await cutOff(primary, replicas());
    },
    async failOver() {
      const before = primary;
      await before.kill();
      dead.add(before);
      for (const replica of replicas()) replica.resume();
      await until(async () => {
        const now = await elected();
        if (now === undefined || now === before) return false;
        primary = now;
        return (await primary.info('replication')).get('role') === 'master';
      });
      await inSync(primary, replicas());
    },
    async rejoin() {
      for (const server of dead) {
        await server.restart();
        await follow(server, primary);
      }
      dead.clear();
      await until(allAlive);
      await inSync(primary, replicas());
    },
    stop,
  };
}
