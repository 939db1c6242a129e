/** An argument of a Redis command. */
export type RedisArgument = string | Buffer | number;

/** What a pipeline of one command must offer. */
export interface RedisPipelineLike {
  /** Adds a command whose reply has its strings as bytes. */
  callBuffer(command: string, args: RedisArgument[]): unknown;
  /** Sends the commands; replies and errors in their order. */
  exec(): Promise<[error: Error | null, reply: unknown][] | null>;
}

/** What sends commands. */
export interface RedisCommandsLike {
  /** How the client was set up. */
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
  pipeline(): RedisPipelineLike;
}

/** What a connection of the store's own must offer. */
export interface RedisConnectionLike extends RedisCommandsLike {
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
 * The part of a Redis client that the store calls. `Redis` and `Cluster` of ioredis 5 and 6 fit.
 * The store never changes the client and never closes it.
 */
export interface RedisLike extends RedisCommandsLike {
  /** Of a cluster: the nodes that serve each slot. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** Of a cluster: connections to its primaries. */
  nodes?(role: 'master'): RedisCommandsLike[];
  /** A new connection with the same settings: for messages, and to wait for replicas on. */
  duplicate(): RedisConnectionLike;
}

/** Where records are written: every primary of a cluster, or the one server. */
export function primariesOf(client: RedisLike): readonly RedisCommandsLike[] {
  return client.nodes?.('master') ?? [client];
}

const METHODS = ['callBuffer', 'pipeline', 'duplicate'] as const;

/** The methods that `client` lacks. */
export function missingMethods(client: unknown): readonly string[] {
  if (typeof client !== 'object' || client === null) return METHODS;
  return METHODS.filter((name) => typeof (client as Record<string, unknown>)[name] !== 'function');
}

/** Resolves when commands can be sent, also where the client's settings allow no offline queue. */
export function whenReady(connection: RedisConnectionLike): Promise<void> {
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

/**
 * What is wrong with the database that a client's commands go to, as a sentence.
 *
 * `select` moves a client, and ioredis does not keep to it: connections that are made with
 * `duplicate()`, and commands that wait while it connects again, go to the database of the option
 * `db`. Records would be in both, and each would be looked for in the wrong one.
 */
export function databaseProblem({ condition, options }: RedisCommandsLike): string | undefined {
  const [selected, given] = [condition?.select, options?.db ?? 0];
  if (selected === undefined || selected === given) return undefined;
  return (
    `The client was moved from database ${String(given)} to ${String(selected)} by select(), where ` +
    'records cannot be kept. Give the store a client of its own, with its database in the option ' +
    `db, as in new Redis(url, { db: ${String(selected)} }).`
  );
}

/** @throws Error when commands would go to another database than the client was set up for */
export function checkDatabase(client: RedisCommandsLike): void {
  const problem = databaseProblem(client);
  if (problem !== undefined) throw new Error(problem);
}

/**
 * Sends one command and gives its reply with every string as bytes.
 *
 * @throws what the client rejects with, {@link withoutArguments}; {@link checkDatabase}
 */
export async function send(
  client: RedisCommandsLike,
  command: string,
  args: RedisArgument[],
): Promise<unknown> {
  checkDatabase(client);
  try {
    if (client.options?.enableAutoPipelining !== true) {
      return await client.callBuffer(command, args);
    }
    // ioredis drops the command's name when it auto-pipelines `callBuffer`, and version 5 groups
    // commands for a cluster by their first argument, here a digest. A pipeline is exempt from both.
    const pipeline = client.pipeline();
    pipeline.callBuffer(command, args);
    const [reply] = (await pipeline.exec()) ?? [];
    const [error, value] = reply ?? [new Error('The pipeline had no reply.')];
    if (error !== null) throw error;
    return value;
  } catch (error) {
    throw withoutArguments(error);
  }
}

/**
 * The same error, without the arguments that ioredis notes in it: they hold results and owner
 * tokens, and errors get into events and logs.
 */
export function withoutArguments(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const { command } = error as { command?: { args?: unknown } };
  if (command) delete command.args;
  return error;
}
