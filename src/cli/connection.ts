import { createRequire } from 'node:module';
import type * as IoRedis from 'ioredis';
import { messageOf } from '../core/values/message-of.js';
import { ioredisDriver } from '../stores/redis/clients/ioredis/ioredis-driver.js';
import type { RedisDriver } from '../stores/redis/clients/redis-driver.js';
import type { RedisLike } from '../stores/redis/index.js';
import { basePrefixOf, prefixOf, serviceProblems } from '../stores/redis/redis-store-options.js';
import type { CommandOptions, OptionSpecs } from './options/command-options.js';
import { UsageError } from './options/usage-error.js';

/** Options that every command has. */
export const CONNECTION_OPTIONS: OptionSpecs = {
  redis: {
    value: 'url',
    help: "redis:// or rediss:// URL, or a comma-separated list of a cluster's nodes (default: REDIS_URL)",
  },
  service: {
    value: 'name',
    help: 'the service option of the RedisStore (default: IDEMPOTENCY_SERVICE)',
  },
  prefix: { value: 'text', help: 'the prefix option of the RedisStore (default: idempotency:)' },
  'timeout-ms': { value: 'n', help: 'the longest wait for an answer of Redis (default: 5000)' },
  json: { help: 'print JSON, for programs' },
  help: { help: 'print this help' },
};

/** Redis did not answer. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** Which records of which Redis a command is about. */
export interface ConnectionSettings {
  readonly urls: readonly URL[];
  readonly service: string;
  /** The prefix of the keys of every service. */
  readonly basePrefix: string;
  /** The prefix of this service's keys. */
  readonly prefix: string;
  readonly timeoutMs: number;
  /** The address, without a password. */
  readonly target: string;
}

/** A connection of a command. */
export interface Connection extends ConnectionSettings {
  /** For stores. */
  readonly redis: RedisLike;
  readonly client: RedisDriver;
  close(): void;
}

/** Longer than a question about replicas may be held back. */
const SOCKET_TIMEOUT_MS_MIN = 1_000;
const TIMEOUT_MS = { min: 100, max: 600_000, otherwise: 5_000 };

/**
 * Reads which Redis was named, and whose records.
 *
 * @throws UsageError when one of them was not
 */
export function connectionSettings(
  options: CommandOptions,
  env: Readonly<Record<string, string | undefined>>,
): ConnectionSettings {
  const urls = urlsIn(options.text('redis') ?? env['REDIS_URL']);
  const service = serviceIn(options.text('service') ?? env['IDEMPOTENCY_SERVICE']);
  const prefix = options.text('prefix');
  const basePrefix = basePrefixOf(prefix === undefined ? {} : { prefix });
  return {
    urls,
    service,
    basePrefix,
    prefix: prefixOf({ service, prefix: basePrefix }),
    timeoutMs: options.integer('timeout-ms', TIMEOUT_MS),
    target: urls.map(({ protocol, host }) => `${protocol}//${host}`).join(', '),
  };
}

/**
 * Connects to a Redis.
 *
 * @throws UsageError when ioredis is not installed; UnreachableError
 */
export async function connect(connection: ConnectionSettings): Promise<Connection> {
  const { urls, timeoutMs, target } = connection;
  const { Cluster, Redis } = ioredis();
  const settings = {
    commandTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    socketTimeout: Math.max(timeoutMs, SOCKET_TIMEOUT_MS_MIN),
    maxRetriesPerRequest: 0,
    lazyConnect: true,
  };
  const [first] = urls;
  const client =
    urls.length === 1 && first !== undefined
      ? new Redis(first.href, { ...settings, retryStrategy: () => null })
      : new Cluster(
          urls.map(({ href }) => href),
          {
            // The nodes that it finds by itself want the same.
            redisOptions: { ...settings, ...credentialsIn(first) },
            clusterRetryStrategy: () => null,
            lazyConnect: true,
          },
        );
  const driver = ioredisDriver(client);
  let last: unknown;
  client.on('error', (error: unknown) => (last = error));
  try {
    await client.connect();
    await driver.selectDatabase();
  } catch (error) {
    client.disconnect();
    throw new UnreachableError(`${target} cannot be reached: ${messageOf(last ?? error)}`);
  }
  return {
    ...connection,
    redis: client,
    client: driver,
    close: () => {
      client.disconnect();
    },
  };
}

function credentialsIn(url: URL | undefined) {
  const { username = '', password = '', protocol } = url ?? {};
  return {
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' && { tls: {} }),
  };
}

/** An optional peer: only this tool needs it where the servers have another store. */
function ioredis(): typeof IoRedis {
  try {
    return createRequire(__filename)('ioredis') as typeof IoRedis;
  } catch (error) {
    throw new UsageError(
      `This needs the package ioredis: npm install ioredis. ${messageOf(error)}`,
    );
  }
}

function serviceIn(text: string | undefined): string {
  if (text !== undefined && serviceProblems(text).length === 0) return text;
  throw new UsageError(
    "The service is missing or malformed: pass --service <name> or set IDEMPOTENCY_SERVICE to the service option of the servers' RedisStore.",
  );
}

function urlsIn(text: string | undefined): URL[] {
  if (text === undefined)
    throw new UsageError('The address of Redis is missing: pass --redis <url> or set REDIS_URL.');
  return text.split(',').map((part) => {
    const url = URL.canParse(part.trim()) ? new URL(part.trim()) : undefined;
    // ioredis would take another path for a database without a number.
    if (url !== undefined && ['redis:', 'rediss:'].includes(url.protocol)) {
      if (/^\/?\d*$/.test(url.pathname)) return url;
      throw new UsageError('What follows the address in --redis must be the number of a database.');
    }
    // Not repeated here: it may hold a password.
    throw new UsageError('--redis must be a redis:// or rediss:// URL, or a list of them.');
  });
}
