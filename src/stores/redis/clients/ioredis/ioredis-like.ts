import type { RedisArgument } from '../redis-driver.js';

/** The methods of a pipeline that the store calls. */
export interface IoRedisPipelineLike {
  /** Adds a command; strings in its reply are bytes. */
  callBuffer(command: string, args: RedisArgument[]): unknown;
  /** Sends the commands; resolves with replies and errors in their order. */
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
    /** For a cluster: the options of its nodes' clients. */
    readonly redisOptions?: { readonly socketTimeout?: number | undefined } | undefined;
  };
  /** For a single server, after it was told to connect: the database that commands go to. */
  readonly condition?: { readonly select: number } | null;
  /** Sends a command; strings in its reply are bytes. */
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>;
  /** Creates a pipeline, which sends nothing until `exec`. */
  pipeline(): IoRedisPipelineLike;
}

/** The methods of its own connections that the store calls. */
export interface IoRedisConnectionLike extends IoRedisCommandsLike {
  /** `ready` when commands can be sent, `wait` before it was told to connect. */
  readonly status: string;
  /** Of a cluster: the nodes that serve each slot. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** Opens the connection, if it does not open by itself. */
  connect(): Promise<unknown>;
  /** Closes it at once. */
  disconnect(): void;
  /** Subscribes to channels. */
  subscribe(...channels: string[]): Promise<unknown>;
  /** Listens to its events: `ready`, `end`, `error`, `message`. */
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

/**
 * The part of `Redis` and `Cluster` of ioredis 5 and 6, and of iovalkey, that the store uses. The store
 * never changes or closes the client.
 */
export interface IoRedisLike extends IoRedisCommandsLike {
  /** Of a cluster: the nodes that serve each slot. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** For a cluster: connections to its primaries. */
  nodes?(role: 'master'): IoRedisCommandsLike[];
  /** Creates a connection with the same settings, for messages and for waits for replicas. */
  duplicate(): IoRedisConnectionLike;
}
