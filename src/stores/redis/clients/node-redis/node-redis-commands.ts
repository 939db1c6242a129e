import type { NodeRedisCommandOptions, NodeRedisNodeLike } from './node-redis-like.js';
import {
  isRefusal,
  type CommandSender,
  type RedisArgument,
  type RedisCommand,
  type RedisReply,
} from '../redis-driver.js';

/** Returns every kind of string of Redis's protocol as bytes. */
const AS_BYTES: NodeRedisCommandOptions = {
  typeMapping: { 36: Buffer, 43: Buffer, 61: Buffer },
};

/** Options for the store's own connections: the store itself limits each wait. */
const PATIENTLY: NodeRedisCommandOptions = { ...AS_BYTES, timeout: undefined };

export type SendAlone = (
  args: (string | Buffer)[],
  options: NodeRedisCommandOptions,
) => Promise<unknown>;

/** A command in the form of node-redis, which refuses numbers. */
export function words(name: string, args: readonly RedisArgument[]): (string | Buffer)[] {
  const command: (string | Buffer)[] = [name];
  for (const arg of args) command.push(typeof arg === 'number' ? String(arg) : arg);
  return command;
}

/**
 * Sends a command, and sends it once more if its connection ended meanwhile. node-redis rejects such a
 * command, while ioredis sends it again; every command of the store may be sent twice.
 *
 * @param client - its state: open, or known to be disconnected
 */
export async function sendAgainOnLoss(
  client: { readonly isOpen: boolean; readonly isReady?: boolean },
  send: SendAlone,
  command: (string | Buffer)[],
): Promise<unknown> {
  checkOpen(client);
  try {
    return await send(command, AS_BYTES);
  } catch (error) {
    if (isRefusal(error) || !client.isOpen || client.isReady === true) throw error;
    return send(command, AS_BYTES);
  }
}

/** @throws Error when the client was not told to connect, or was closed */
export function checkOpen({ isOpen }: { readonly isOpen: boolean }): void {
  if (isOpen) return;
  throw new Error(
    'The node-redis client is not connected: await its connect() before the server starts.',
  );
}

/** Sends commands in order on one connection, each of them once. */
export function sendInOrder(
  node: NodeRedisNodeLike,
  commands: readonly RedisCommand[],
): Promise<RedisReply[]> {
  return repliesOf(
    commands.map(({ name, args }) => node.sendCommand(words(name, args), PATIENTLY)),
  );
}

/** Sends all commands on one connection, each of them once. */
export function inOrderOver(node: NodeRedisNodeLike): CommandSender {
  return {
    async send(name, args) {
      const [reply] = await sendInOrder(node, [{ name, args }]);
      const [error, value] = reply ?? [new Error('There was no reply.')];
      if (error !== null) throw error;
      return value;
    },
    sendTogether: (commands) => sendInOrder(node, commands),
  };
}

/** The result of each command. */
export function repliesOf(sent: readonly Promise<unknown>[]): Promise<RedisReply[]> {
  return Promise.all(
    sent.map((one) =>
      one.then(
        (reply): RedisReply => [null, reply],
        (error: unknown): RedisReply => [
          error instanceof Error ? error : new Error(String(error)),
          undefined,
        ],
      ),
    ),
  );
}
