import type { NodeRedisClientLike, NodeRedisSentinelLike } from './node-redis-like.js';
import {
  checkOpen,
  inOrderOver,
  sendAgainOnLoss,
  sendInOrder,
  words,
} from './node-redis-commands.js';
import {
  duplicateOf,
  ownNodeRedisConnection,
  subscribeWithNodeRedis,
} from './node-redis-connection.js';
import { nodeRedisSettingProblems } from './node-redis-settings.js';
import type { CommandSender, RedisDriver } from '../redis-driver.js';

/** Drives a client of `createSentinel` of node-redis. */
export function nodeRedisSentinelDriver(sentinel: NodeRedisSentinelLike): RedisDriver {
  const sender: CommandSender = {
    send: (name, args) =>
      sendAgainOnLoss(
        sentinel,
        (command, options) => sentinel.sendCommand(false, command, options),
        words(name, args),
      ),
    // On one connection: otherwise the first two would each wait for a connection of the pool.
    async sendTogether(commands) {
      checkOpen(sentinel);
      return sentinel._execute(false, (node) => sendInOrder(node, commands));
    },
  };

  /** Connects to the primary, because version 5 cannot duplicate the Sentinel client. */
  async function toPrimary(): Promise<NodeRedisClientLike> {
    checkOpen(sentinel);
    return sentinel._execute(false, (node) => Promise.resolve(duplicateOf(node)));
  }

  return {
    ...sender,
    isCluster: false,
    destinationOf: () => '',
    primaries: () => [sender],
    connect: () => ownNodeRedisConnection(toPrimary(), whilePrimary, () => ''),
    subscribe: (channel, listener) => subscribeWithNodeRedis(toPrimary(), channel, listener, false),
    selectDatabase: () => Promise.resolve(),
    misdirection: () => undefined,
    async settingProblems() {
      checkOpen(sentinel);
      const options = await sentinel._execute(false, (node) => Promise.resolve(node.options));
      return nodeRedisSettingProblems(options, undefined);
    },
  };
}

/** Sends commands that all fail if the server was demoted, so that a new connection is opened. */
function whilePrimary(node: NodeRedisClientLike): CommandSender {
  const sender = inOrderOver(node);
  return {
    ...sender,
    async sendTogether(...commands) {
      const replies = await sender.sendTogether(...commands);
      const demoted = replies?.find(([error]) => error?.message.startsWith('READONLY'));
      if (demoted?.[0]) throw demoted[0];
      return replies;
    },
  };
}
