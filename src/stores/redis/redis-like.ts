/** An argument of a Redis command. */
export type RedisArgument = string | Buffer | number;

/** What a pipeline of one command must offer. */
export interface RedisPipelineLike {
  callBuffer(command: string, args: RedisArgument[]): unknown;
  exec(): Promise<[error: Error | null, reply: unknown][] | null>;
}

/** What a connection that receives messages must offer. */
export interface RedisSubscriberLike {
  readonly status: string;
  connect(): Promise<unknown>;
  disconnect(): void;
  subscribe(...channels: string[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
}

/**
 * The part of a Redis client that the store calls. `Redis` and `Cluster` of ioredis 5 and 6 fit.
 * The store never changes the client and never closes it.
 */
export interface RedisLike {
  readonly options?: { readonly enableAutoPipelining?: boolean | undefined };
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>;
  pipeline(): RedisPipelineLike;
  /** A new connection with the same settings; the store receives messages on it. */
  duplicate(): RedisSubscriberLike;
}

const METHODS = ['callBuffer', 'pipeline', 'duplicate'] as const;

/** The methods that `client` lacks. */
export function missingMethods(client: unknown): readonly string[] {
  if (typeof client !== 'object' || client === null) return METHODS;
  return METHODS.filter((name) => typeof (client as Record<string, unknown>)[name] !== 'function');
}

/** Sends one command and gives its reply with every string as bytes. */
export async function send(
  client: RedisLike,
  command: string,
  args: RedisArgument[],
): Promise<unknown> {
  if (client.options?.enableAutoPipelining !== true) return client.callBuffer(command, args);
  // ioredis drops the command's name when it auto-pipelines `callBuffer`, and version 5 groups
  // commands for a cluster by their first argument, here a digest. A pipeline is exempt from both.
  const pipeline = client.pipeline();
  pipeline.callBuffer(command, args);
  const [error, reply] = (await pipeline.exec())?.[0] ?? [new Error('The pipeline had no reply.')];
  if (error !== null) throw error;
  return reply;
}
