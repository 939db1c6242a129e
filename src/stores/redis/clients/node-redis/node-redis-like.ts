/** The options that the store passes with a command of node-redis. */
export interface NodeRedisCommandOptions {
  /** The JavaScript type of values in a reply, by the code of their type in Redis's protocol. */
  readonly typeMapping?: object;
  /** The time after which an unsent command is given up, in milliseconds. */
  readonly timeout?: number | undefined;
}

/** The options of a node-redis client that the store reads. */
export interface NodeRedisOptions {
  /** Does not apply to the store's keys. */
  readonly keyPrefix?: string | Buffer | undefined;
  /** In milliseconds. */
  readonly pingInterval?: number | undefined;
  /** The options for connecting and reconnecting. */
  readonly socket?:
    | {
        /** In milliseconds. */
        readonly socketTimeout?: number | undefined;
        /** The strategy for reconnecting; without it, the client never reconnects after a `socketTimeout`. */
        readonly reconnectStrategy?: unknown;
      }
    | undefined;
}

/** A connection to one server: the client itself, or one to a node. */
export interface NodeRedisNodeLike {
  readonly isReady: boolean;
  readonly options?: NodeRedisOptions | undefined;
  /** Sends one command unchanged. */
  sendCommand(args: (string | Buffer)[], options?: NodeRedisCommandOptions): Promise<unknown>;
}

/** The methods of its own connections that the store calls. */
export interface NodeRedisConnectionLike {
  /** True from the call to connect until the call to close. */
  readonly isOpen: boolean;
  /** Resolves when the connection is ready. */
  connect(): Promise<unknown>;
  /** Closes it at once. */
  destroy(): unknown;
  /** Subscribes to a channel. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Listens to its events. */
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

/**
 * The part of a client of `createClient` of node-redis 5 and 6 that the store uses. The store never
 * changes or closes the client.
 */
export interface NodeRedisClientLike extends NodeRedisNodeLike, NodeRedisConnectionLike {
  /** The same client, whose replies are of these types. */
  withTypeMapping(typeMapping: object): unknown;
  /** Creates a connection with the same settings, except for the overrides. */
  duplicate(overrides?: object): NodeRedisClientLike;
}

/** A primary of a cluster. */
export interface NodeRedisPrimaryLike {
  readonly address: string;
}

/** The part of a client of `createCluster` of node-redis 5 and 6 that the store uses. */
export interface NodeRedisClusterLike extends NodeRedisConnectionLike {
  readonly masters: readonly NodeRedisPrimaryLike[];
  /** The primaries, by hash slot. */
  readonly slots: readonly { readonly master: NodeRedisPrimaryLike }[];
  /** The same client, whose replies are of these types. */
  withTypeMapping(typeMapping: object): unknown;
  /** Sends one command unchanged, to the node that has its first key. */
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: (string | Buffer)[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
  /** The client's connection to a node. */
  nodeClient(node: never): NodeRedisNodeLike | Promise<NodeRedisNodeLike>;
  /** Creates a client of the same cluster with the same settings, except for the overrides. */
  duplicate(overrides?: object): NodeRedisClusterLike;
}

/** The part of a client of `createSentinel` of node-redis 5 and 6 that the store uses. */
export interface NodeRedisSentinelLike {
  /** True from the call to connect until the call to close. */
  readonly isOpen: boolean;
  /** The same client, whose replies are of these types. */
  withTypeMapping(typeMapping: object): unknown;
  /** Sends one command unchanged, to the primary unless it only reads. */
  sendCommand(
    isReadonly: boolean | undefined,
    args: (string | Buffer)[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
  /** Calls the function with the connection to the primary, and again if the primary has changed. */
  _execute<T>(
    isReadonly: boolean | undefined,
    act: (node: NodeRedisClientLike) => Promise<T>,
  ): Promise<T>;
  /** The address of the primary; only Sentinel clients have this method. */
  getSentinelNode(): unknown;
}
