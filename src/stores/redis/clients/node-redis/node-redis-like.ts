/** The options that the store passes with a command of node-redis. */
export interface NodeRedisCommandOptions {
  /** By the code of a type in Redis's protocol: what its values are in a reply. */
  readonly typeMapping?: object;
  /** Until it is given up unless it was sent, in milliseconds. */
  readonly timeout?: number | undefined;
}

/** The options of a client of node-redis that are read. */
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
        /** When to connect again; without it, never after a `socketTimeout`. */
        readonly reconnectStrategy?: unknown;
      }
    | undefined;
}

/** A connection to one server: the client itself, or one to a node. */
export interface NodeRedisNodeLike {
  readonly isReady: boolean;
  readonly options?: NodeRedisOptions | undefined;
  /** Sends one command as it is. */
  sendCommand(args: (string | Buffer)[], options?: NodeRedisCommandOptions): Promise<unknown>;
}

/** The methods that are called on a connection that the store has opened. */
export interface NodeRedisConnectionLike {
  /** Whether it was asked to connect, and not to close. */
  readonly isOpen: boolean;
  /** Resolves when the connection is ready. */
  connect(): Promise<unknown>;
  /** Closes it at once. */
  destroy(): unknown;
  /** Asks for the messages of a channel. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  /** Listens to what happens to it. */
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

/**
 * The part that the store calls of what `createClient` of node-redis 5 and 6 gives. The store never
 * changes the client and never closes it.
 */
export interface NodeRedisClientLike extends NodeRedisNodeLike, NodeRedisConnectionLike {
  /** The same client, whose replies are of these types. */
  withTypeMapping(typeMapping: object): unknown;
  /** A new connection with the same settings, apart from those that are given. */
  duplicate(overrides?: object): NodeRedisClientLike;
}

/** A primary of a cluster. */
export interface NodeRedisPrimaryLike {
  readonly address: string;
}

/** The part that the store calls of what `createCluster` of node-redis 5 and 6 gives. */
export interface NodeRedisClusterLike extends NodeRedisConnectionLike {
  readonly masters: readonly NodeRedisPrimaryLike[];
  /** By hash slot. */
  readonly slots: readonly { readonly master: NodeRedisPrimaryLike }[];
  /** The same client, whose replies are of these types. */
  withTypeMapping(typeMapping: object): unknown;
  /** Sends one command as it is, to the node that has its first key. */
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: (string | Buffer)[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
  /** The client's connection to a node. */
  nodeClient(node: never): NodeRedisNodeLike | Promise<NodeRedisNodeLike>;
  /** A new client of the same cluster with the same settings, apart from those that are given. */
  duplicate(overrides?: object): NodeRedisClusterLike;
}

/** The part that the store calls of what `createSentinel` of node-redis 5 and 6 gives. */
export interface NodeRedisSentinelLike {
  /** Whether it was asked to connect, and not to close. */
  readonly isOpen: boolean;
  /** The same client, whose replies are of these types. */
  withTypeMapping(typeMapping: object): unknown;
  /** Sends one command as it is, to the primary unless it only reads. */
  sendCommand(
    isReadonly: boolean | undefined,
    args: (string | Buffer)[],
    options?: NodeRedisCommandOptions,
  ): Promise<unknown>;
  /** Calls with the connection to the primary, and again with another if that has changed. */
  _execute<T>(
    isReadonly: boolean | undefined,
    act: (node: NodeRedisClientLike) => Promise<T>,
  ): Promise<T>;
  /** The address of the primary, which only a client of sentinels has. */
  getSentinelNode(): unknown;
}
