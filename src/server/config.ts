import { z } from 'zod';
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from './log.js';

/** The server's settings, from environment variables. */
export interface ServerConfig {
  /** 0 takes a free one. */
  readonly port: number;
  /** One URL, or several of a cluster's nodes; none: records are kept in memory. */
  readonly redisUrls: readonly string[];
  /** The PostgreSQL database of the ledger; unset: it is in {@link ServerConfig.databaseFile}. */
  readonly databaseUrl: string | undefined;
  /** The SQLite file of the ledger, or `:memory:`. */
  readonly databaseFile: string;
  readonly processorLatencyMs: number;
  /** The longest time that a client may take to send a request, in milliseconds; then it gets 408. */
  readonly requestTimeoutMs: number;
  /** Whether visitors of the checkout page may take the record store away for a while. */
  readonly checkoutSwitches: boolean;
  /** Whether `/metrics` tells what was counted. */
  readonly metrics: boolean;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
  /** Options of the plugin that are set. It checks their ranges itself. */
  readonly idempotency: {
    readonly ttlSeconds: number | undefined;
    readonly waitMs: number | undefined;
    readonly leaseMs: number | undefined;
  };
}

/** A whole number from `min` to `max`. */
function integer(max: number, min = 0): z.ZodType<number, string> {
  const error = ({ input }: { readonly input?: unknown }): string =>
    `must be a whole number from ${String(min)} to ${String(max)}, not "${String(input)}".`;
  return z
    .string()
    .regex(/^\d+$/, { error })
    .transform(Number)
    .refine((value) => value >= min && value <= max, {
      error: ({ input }) => error({ input }),
    });
}

/** One of some words. */
function choice<const T extends readonly [string, ...string[]]>(words: T): z.ZodType<T[number]> {
  const all = words.map((word) => `"${word}"`).join(' or ');
  return z.enum(words, { error: ({ input }) => `must be ${all}, not "${String(input)}".` });
}

const onOrOff = choice(['on', 'off']).transform((word) => word === 'on');

/** A URL. It may hold a password, so that no message repeats it. */
function url(protocol: RegExp, error: string): z.ZodType<string, string> {
  return z.url({ protocol, hostname: /.*/, error });
}

const LATENCY_MS_MAX = 600_000;
const REQUEST_MS_MAX = 600_000;

const SETTINGS = z.object({
  PORT: integer(65_535).default(4_000),
  REDIS_URL: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(
      z.array(
        url(/^rediss?$/, 'must be a redis:// or rediss:// URL, or a comma-separated list of them.'),
      ),
    )
    .default([]),
  DATABASE_URL: url(
    /^postgres(ql)?$/,
    'must be a postgres:// URL. For SQLite, set DATABASE_FILE.',
  ).optional(),
  DATABASE_FILE: z.string().default('data/payments.db'),
  PROCESSOR_LATENCY_MS: integer(LATENCY_MS_MAX).default(0),
  REQUEST_TIMEOUT_MS: integer(REQUEST_MS_MAX, 1).default(30_000),
  CHECKOUT_SWITCHES: onOrOff.default(true),
  METRICS: onOrOff.default(true),
  LOG_FORMAT: choice(LOG_FORMATS).optional(),
  LOG_LEVEL: choice(LOG_LEVELS).default('info'),
  IDEMPOTENCY_TTL_SECONDS: integer(Number.MAX_SAFE_INTEGER).optional(),
  IDEMPOTENCY_WAIT_MS: integer(Number.MAX_SAFE_INTEGER).optional(),
  IDEMPOTENCY_LEASE_MS: integer(Number.MAX_SAFE_INTEGER).optional(),
});

/**
 * Reads the settings. A variable that is empty counts as not set.
 *
 * @param isTerminal - whether a person reads what the server prints
 * @throws Error naming every variable that is wrong
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): ServerConfig {
  const texts = Object.entries(env).map(([name, text]) => [name, text?.trim() || undefined]);
  const { data, error } = SETTINGS.safeParse(Object.fromEntries(texts));
  if (error !== undefined) {
    const problems = error.issues.map(({ path, message }) => `${String(path[0])} ${message}`);
    throw new Error([...new Set(problems)].join('\n'));
  }
  return {
    port: data.PORT,
    redisUrls: data.REDIS_URL,
    databaseUrl: data.DATABASE_URL,
    databaseFile: data.DATABASE_FILE,
    processorLatencyMs: data.PROCESSOR_LATENCY_MS,
    requestTimeoutMs: data.REQUEST_TIMEOUT_MS,
    checkoutSwitches: data.CHECKOUT_SWITCHES,
    metrics: data.METRICS,
    logFormat: data.LOG_FORMAT ?? (isTerminal ? 'text' : 'json'),
    logLevel: data.LOG_LEVEL,
    idempotency: {
      ttlSeconds: data.IDEMPOTENCY_TTL_SECONDS,
      waitMs: data.IDEMPOTENCY_WAIT_MS,
      leaseMs: data.IDEMPOTENCY_LEASE_MS,
    },
  };
}
