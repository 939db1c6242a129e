/** An argument of a Redis command. */
export type RedisArgument = string | Buffer | number;

/** A command of several that are sent together. */
export interface RedisCommand {
  readonly name: string;
  readonly args: RedisArgument[];
}

/** The result of one command of several: its reply, or the error in its place. */
export type RedisReply = readonly [error: Error | null, reply: unknown];

/** An object that sends commands. */
export interface CommandSender {
  /**
   * Sends a command and gives its reply with every string as bytes.
   *
   * @param key - of a cluster: the key by which the node is found; none: any node
   * @throws what the client rejects with, without the command's arguments
   */
  send(name: string, args: RedisArgument[], key?: string): Promise<unknown>;
  /**
   * Sends commands at once to the node that serves the first key, if there are several nodes.
   *
   * @returns replies in the order of the commands; nothing if the commands may not have been sent
   * @throws Error as well as that
   */
  sendTogether(
    commands: readonly RedisCommand[],
    key: string,
  ): Promise<readonly RedisReply[] | null>;
}

/** A connection of the store's own. */
export interface OwnConnection extends CommandSender {
  /** As {@link RedisDriver.destinationOf}; everything that goes to one node uses one connection. */
  destinationOf(key: string): string;
  /** Resolves when commands can be sent. */
  ready(): Promise<void>;
  /** Closes it at once. */
  close(): void;
}

/** Whom a subscription tells. */
export interface SubscriptionListener {
  /** A message has come. */
  message(text: string): void;
  /** It was interrupted, and messages may have been lost. */
  resumed(): void;
  /** It has ended and receives nothing any more. */
  ended(): void;
}

/** Messages of a channel, on a connection of their own. */
export interface Subscription {
  /** Resolves when messages from then on will be received; rejects when that is not to be. */
  readonly ready: Promise<void>;
  /** Closes the connection at once. */
  close(): void;
}

/**
 * The store's interface to a client, with an implementation for each kind of client in a file beside
 * this one. It neither changes nor closes the client.
 */
export interface RedisDriver extends CommandSender {
  /** Whether records are on several nodes, so that a command has one key. */
  readonly isCluster: boolean;
  /** The nodes that serve the key, as one name: what goes to one of them may travel together. */
  destinationOf(key: string): string;
  /** The servers that records are written to: every primary of a cluster, or the one server. */
  primaries(): readonly CommandSender[];
  /** Opens a connection with the same settings. */
  connect(): OwnConnection;
  /** Listens to a channel on a connection with the same settings. */
  subscribe(channel: string, listener: SubscriptionListener): Subscription;
  /**
   * The reason, in a sentence, why the client's commands would go to the wrong place. Then nothing may
   * start.
   */
  misdirection(): string | undefined;
  /**
   * The problems of the client's settings, in sentences that name the change to make. None of it loses
   * a record.
   *
   * @param waitMs - how long a reply may be held back: where replicas are waited for, so long
   */
  settingProblems(waitMs: number | undefined): Promise<readonly string[]>;
}

/** A time limit that a slow Redis keeps and that is shorter than people wait. */
export const SOCKET_TIMEOUT_MS = 3_000;

/** Whether Redis itself said no, and not its client that there was no answer. */
export function isRefusal(error: unknown): boolean {
  // Redis's errors begin with a code in capitals; those of clients and systems with a plain word.
  return error instanceof Error && /^[A-Z][A-Z0-9]+ /.test(error.message);
}
