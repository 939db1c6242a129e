import type { RedisArgument } from '../redis-driver.js';

/** The methods of a pipeline of one command that are called. */
export interface IoRedisPipelineLike {
  /** Adds a command whose reply has its strings as bytes. */
  callBuffer(command: string, args: RedisArgument[]): unknown;
  /** Sends the commands; replies and errors in their order. */
  exec(): Promise<[error: Error | null, reply: unknown][] | null>;
}

/** An object that sends commands. */
export interface IoRedisCommandsLike {
  /** The options of the client. */
  readonly options?: {
    readonly db?: number | undefined;
    readonly enableAutoPipelining?: boolean | undefined;
    readonly keyPrefix?: string | undefined;
    /** In milliseconds. */
    readonly socketTimeout?: number | undefined;
    /** Of a cluster: how the clients of its nodes were set up. */
    readonly redisOptions?: { readonly socketTimeout?: number | undefined } | undefined;
  };
  /** Of one server, once it was asked to connect: the database that commands go to. */
  readonly condition?: { readonly select: number } | null;
  /** Sends a command; strings in its reply are bytes. */
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>;
  /** A pipeline that sends nothing before it is executed. */
  pipeline(): IoRedisPipelineLike;
}

/** The methods of a connection of the store's own that are called. */
export interface IoRedisConnectionLike extends IoRedisCommandsLike {
  /** `ready` when commands can be sent, `wait` when it was not asked to connect yet. */
  readonly status: string;
  /** Of a cluster: the nodes that serve each slot. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** Opens it, if it does not open by itself. */
  connect(): Promise<unknown>;
  /** Closes it at once. */
  disconnect(): void;
  /** Asks for the messages of channels. */
  subscribe(...channels: string[]): Promise<unknown>;
  /** Listens to what happens to it: `ready`, `end`, `error`, `message`. */
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

/**
 * The part that the store calls of `Redis` and `Cluster` of ioredis 5 and 6, and of iovalkey. The
 * store never changes the client and never closes it.
 */
export interface IoRedisLike extends IoRedisCommandsLike {
  /** Of a cluster: the nodes that serve each slot. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** Of a cluster: connections to its primaries. */
  nodes?(role: 'master'): IoRedisCommandsLike[];
  /** A new connection with the same settings: for messages, and to wait for replicas on. */
  duplicate(): IoRedisConnectionLike;
}
