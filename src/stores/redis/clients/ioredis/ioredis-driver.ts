import type { IoRedisCommandsLike, IoRedisConnectionLike, IoRedisLike } from './ioredis-like.js';
import { databaseProblem, ioredisSettingProblems } from './ioredis-settings.js';
import { subscribeWithIoRedis } from './ioredis-subscription.js';
import { keySlot } from '../../key-slot.js';
import type {
  CommandSender,
  OwnConnection,
  RedisArgument,
  RedisCommand,
  RedisDriver,
  RedisReply,
} from '../redis-driver.js';

/** Drives `Redis` and `Cluster` of ioredis and iovalkey. */
export function ioredisDriver(client: IoRedisLike): RedisDriver {
  return {
    ...senderOver(client),
    isCluster: client.slots !== undefined,
    destinationOf: (key) => destinationOf(client, key),
    primaries: () => client.nodes?.('master').map(senderOver) ?? [senderOver(client)],
    connect: () => connectionOver(client.duplicate()),
    subscribe: (channel, listener) => subscribeWithIoRedis(client.duplicate(), channel, listener),
    async selectDatabase() {
      const { db = 0 } = client.options ?? {};
      if (client.slots === undefined && db !== 0) await send(client, 'select', [db]);
    },
    misdirection: () => databaseProblem(client),
    settingProblems: (waitMs) => Promise.resolve(ioredisSettingProblems(client, waitMs)),
  };
}

function senderOver(client: IoRedisCommandsLike): CommandSender {
  return {
    send: (name, args) => send(client, name, args),
    sendTogether: (commands) => sendTogether(client, commands),
  };
}

function connectionOver(connection: IoRedisConnectionLike): OwnConnection {
  // The connection reconnects by itself; a wait that it interrupts gets an error of its own.
  connection.on('error', () => undefined);
  return {
    ...senderOver(connection),
    destinationOf: (key) => destinationOf(connection, key),
    ready: () => whenReady(connection),
    close() {
      if (connection.status !== 'end') connection.disconnect();
    },
  };
}

/** A pipeline of a cluster goes to one of the nodes that serve its keys. */
function destinationOf(
  { slots, options }: Pick<IoRedisConnectionLike, 'slots' | 'options'>,
  key: string,
): string {
  if (slots === undefined) return '';
  const slot = keySlot((options?.keyPrefix ?? '') + key);
  return slots[slot]?.join() ?? `slot ${String(slot)}`;
}

/** @throws Error when commands would go to a database other than the configured one */
function checkDatabase(client: IoRedisCommandsLike): void {
  const problem = databaseProblem(client);
  if (problem !== undefined) throw new Error(problem);
}

async function send(
  client: IoRedisCommandsLike,
  name: string,
  args: RedisArgument[],
): Promise<unknown> {
  checkDatabase(client);
  try {
    if (client.options?.enableAutoPipelining !== true) return await client.callBuffer(name, args);
    // ioredis drops the command's name when it auto-pipelines `callBuffer`, and version 5 groups
    // commands for a cluster by their first argument, here a digest. A pipeline is exempt from both.
    const [reply] = (await pipe(client, [{ name, args }])) ?? [];
    const [error, value] = reply ?? [new Error('The pipeline had no reply.')];
    if (error !== null) throw error;
    return value;
  } catch (error) {
    throw withoutArguments(error);
  }
}

async function sendTogether(
  client: IoRedisCommandsLike,
  commands: readonly RedisCommand[],
): Promise<readonly RedisReply[] | null> {
  checkDatabase(client);
  const replies = await pipe(client, commands);
  for (const [error] of replies ?? []) if (error !== null) withoutArguments(error);
  return replies;
}

function pipe(
  client: IoRedisCommandsLike,
  commands: readonly RedisCommand[],
): Promise<[error: Error | null, reply: unknown][] | null> {
  const pipeline = client.pipeline();
  for (const { name, args } of commands) pipeline.callBuffer(name, args);
  return pipeline.exec();
}

/**
 * The same error without the arguments that ioredis adds to it: they hold results and owner tokens, and
 * errors get into events and logs.
 */
function withoutArguments(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { command } = error as { command?: { args?: unknown } };
  if (command) delete command.args;
  return error;
}

/** Resolves when commands can be sent, even if the client's settings allow no offline queue. */
function whenReady(connection: IoRedisConnectionLike): Promise<void> {
  if (connection.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    connection.on('ready', () => {
      resolve();
    });
    connection.on('end', () => {
      reject(new Error('The connection to Redis was closed.'));
    });
    if (connection.status === 'wait') connection.connect().catch(reject);
  });
}
