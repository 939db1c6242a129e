/** An argument of a Redis command. */
export type RedisArgument = string | Buffer | number;

/** One of several commands that are sent together. */
export interface RedisCommand {
  readonly name: string;
  readonly args: RedisArgument[];
}

/** The result of one of several commands: its reply or its error. */
export type RedisReply = readonly [error: Error | null, reply: unknown];

/** An object that sends commands. */
export interface CommandSender {
  /**
   * Sends a command and returns its reply, with every string as bytes.
   *
   * @param key - for a cluster: the key that determines the node; unset for any node
   * @throws the client's error, without the command's arguments
   */
  send(name: string, args: RedisArgument[], key?: string): Promise<unknown>;
  /**
   * Sends commands together; with several nodes, to the node that serves the first key.
   *
   * @returns replies in the order of the commands; `undefined` if the commands may not have been sent
   * @throws Error in that case too
   */
  sendTogether(
    commands: readonly RedisCommand[],
    key: string,
  ): Promise<readonly RedisReply[] | null>;
}

/** A connection that belongs to the store. */
export interface OwnConnection extends CommandSender {
  /** As {@link RedisDriver.destinationOf}; all commands to one node use one connection. */
  destinationOf(key: string): string;
  /** Resolves when commands can be sent. */
  ready(): Promise<void>;
  /** Closes it at once. */
  close(): void;
}

/** The callbacks of a subscription. */
export interface SubscriptionListener {
  /** Called with each message. */
  message(text: string): void;
  /** Called after an interruption, in which messages may have been lost. */
  resumed(): void;
  /** Called when it has ended and receives no more messages. */
  ended(): void;
}

/** A subscription to a channel, on its own connection. */
export interface Subscription {
  /** Resolves once later messages will be received; rejects if they will not be. */
  readonly ready: Promise<void>;
  /** Closes the connection at once. */
  close(): void;
}

/**
 * The store's interface to a client, implemented once for each kind of client. It neither changes nor
 * closes the client.
 */
export interface RedisDriver extends CommandSender {
  /** True if records are on several nodes, so that a command has one key. */
  readonly isCluster: boolean;
  /** The nodes that serve the key, as one name: commands of one name may be sent together. */
  destinationOf(key: string): string;
  /** The servers that records are written to: every primary of a cluster, or the one server. */
  primaries(): readonly CommandSender[];
  /** Opens a connection with the same settings. */
  connect(): OwnConnection;
  /** Listens to a channel on a connection with the same settings. */
  subscribe(channel: string, listener: SubscriptionListener): Subscription;
  /**
   * Selects the client's database once more, where the client would go on in database 0 if Redis refused
   * that when it connected.
   *
   * @throws the refusal
   */
  selectDatabase(): Promise<void>;
  /**
   * The reason, in a sentence, why the client's commands would go to the wrong database. If there is
   * one, nothing may start.
   */
  misdirection(): string | undefined;
  /**
   * The problems of the client's settings, in sentences that name the change to make. None of them loses
   * a record.
   *
   * @param waitMs - the longest time that Redis may wait for replicas before it replies
   */
  settingProblems(waitMs: number | undefined): Promise<readonly string[]>;
}

/** The recommended socket timeout: long enough for a slow Redis, and shorter than users wait. */
export const SOCKET_TIMEOUT_MS = 3_000;

/** True if Redis itself refused, rather than its client for lack of a reply. */
export function isRefusal(error: unknown): boolean {
  // Redis's errors begin with a code in capitals; those of clients and systems, with an ordinary word.
  return error instanceof Error && /^[A-Z][A-Z0-9]+ /.test(error.message);
}
