import type { NodeRedisClientLike } from './node-redis-like.js';
import { inOrderOver, repliesOf, sendAgainOnLoss, words } from './node-redis-commands.js';
import {
  duplicateOf,
  ownNodeRedisConnection,
  subscribeWithNodeRedis,
} from './node-redis-connection.js';
import { nodeRedisSettingProblems } from './node-redis-settings.js';
import type { CommandSender, RedisDriver } from '../redis-driver.js';

/** Drives a client of `createClient` of node-redis. */
export function nodeRedisDriver(client: NodeRedisClientLike): RedisDriver {
  const sender: CommandSender = {
    send: (name, args) => send(name, args),
    // Commands of one turn of the event loop share one write.
    sendTogether: (commands) => repliesOf(commands.map(({ name, args }) => send(name, args))),
  };
  function send(...[name, args]: Parameters<CommandSender['send']>): Promise<unknown> {
    return sendAgainOnLoss(
      client,
      (command, options) => client.sendCommand(command, options),
      words(name, args),
    );
  }

  return {
    ...sender,
    isCluster: false,
    destinationOf: () => '',
    primaries: () => [sender],
    connect: () => ownNodeRedisConnection(duplicateOf(client), inOrderOver, () => ''),
    subscribe: (channel, listener) =>
      subscribeWithNodeRedis(duplicateOf(client), channel, listener, true),
    selectDatabase: () => Promise.resolve(),
    misdirection: () => undefined,
    settingProblems: () => Promise.resolve(nodeRedisSettingProblems(client.options, undefined)),
  };
}
