import { keySlot } from '../../key-slot.js';
import type {
  NodeRedisClusterLike,
  NodeRedisNodeLike,
  NodeRedisPrimaryLike,
} from './node-redis-like.js';
import {
  inOrderOver,
  repliesOf,
  sendAgainOnLoss,
  sendInOrder,
  words,
} from './node-redis-commands.js';
import { ownNodeRedisConnection, subscribeWithNodeRedis } from './node-redis-connection.js';
import { nodeRedisSettingProblems } from './node-redis-settings.js';
import type { CommandSender, RedisDriver } from '../redis-driver.js';

/** Connects to a node only when it is needed. */
const FEW_CONNECTIONS = { minimizeConnections: true };

/** Drives a client of `createCluster` of node-redis. */
export function nodeRedisClusterDriver(cluster: NodeRedisClusterLike): RedisDriver {
  const sender = senderOver(cluster);
  return {
    ...sender,
    isCluster: true,
    destinationOf: (key) => primaryOf(cluster, key)?.address ?? '',
    primaries: () =>
      cluster.masters.map((primary): CommandSender => {
        const node = async (): Promise<CommandSender> =>
          inOrderOver(await nodeOf(cluster, primary));
        return {
          send: async (...command) => (await node()).send(...command),
          sendTogether: async (...commands) => (await node()).sendTogether(...commands),
        };
      }),
    connect() {
      const own = cluster.duplicate(FEW_CONNECTIONS);
      const ownSender: CommandSender = {
        ...senderOver(own),
        async sendTogether(commands, key) {
          const primary = primaryOf(own, key);
          if (primary === undefined) throw new Error('The nodes of the cluster are not known yet.');
          return sendInOrder(await nodeOf(own, primary), commands);
        },
      };
      return ownNodeRedisConnection(
        own,
        () => ownSender,
        (key) => primaryOf(own, key)?.address ?? '',
      );
    },
    subscribe: (channel, listener) =>
      subscribeWithNodeRedis(cluster.duplicate(FEW_CONNECTIONS), channel, listener, true),
    selectDatabase: () => Promise.resolve(),
    misdirection: () => undefined,
    async settingProblems(waitMs) {
      const [primary] = cluster.masters;
      if (primary === undefined) return [];
      return nodeRedisSettingProblems((await nodeOf(cluster, primary)).options, waitMs);
    },
  };
}

function senderOver(cluster: NodeRedisClusterLike): CommandSender {
  const send: CommandSender['send'] = (name, args, key) =>
    sendAgainOnLoss(
      cluster,
      (command, options) => cluster.sendCommand(key, false, command, options),
      words(name, args),
    );
  return {
    send,
    // Each command finds its node; those to one node in one turn of the event loop share one write.
    sendTogether: (commands) =>
      repliesOf(commands.map(({ name, args }) => send(name, args, keyIn(args)))),
  };
}

/** The key of a script's call, which follows the digest and the number of keys. */
function keyIn(args: readonly unknown[]): string | undefined {
  const key = args[2];
  return typeof key === 'string' ? key : undefined;
}

/** The primary of a key; `undefined` while the client reads the map of the cluster. */
function primaryOf({ slots }: NodeRedisClusterLike, key: string): NodeRedisPrimaryLike | undefined {
  const shards: readonly ({ readonly master: NodeRedisPrimaryLike } | undefined)[] = slots;
  return shards[keySlot(key)]?.master;
}

async function nodeOf(
  cluster: NodeRedisClusterLike,
  primary: NodeRedisPrimaryLike,
): Promise<NodeRedisNodeLike> {
  // The argument came from the same cluster, so its version fits.
  return cluster.nodeClient(primary as never);
}
