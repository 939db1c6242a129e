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
  /** How long a client may take to send a request, in milliseconds; then it gets 408. */
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

const PORT_MAX = 65_535;
const LATENCY_MS_MAX = 600_000;
const REQUEST_MS_MAX = 600_000;

/**
 * Reads the settings.
 *
 * @param isTerminal - whether somebody reads along what the server prints
 * @throws Error naming every variable that is wrong
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): ServerConfig {
  const problems: string[] = [];

  function integer(name: string, max: number, min = 0): number | undefined {
    const text = env[name]?.trim() ?? '';
    if (text === '') return undefined;
    if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
    problems.push(`${name} must be a whole number from ${min} to ${max}, not "${text}".`);
    return undefined;
  }

  function choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = env[name]?.trim() ?? '';
    const chosen = choices.find((known) => known === text);
    if (chosen === undefined && text !== '') {
      const all = choices.map((known) => `"${known}"`).join(' or ');
      problems.push(`${name} must be ${all}, not "${text}".`);
    }
    return chosen;
  }

  function onOrOff(name: string): boolean | undefined {
    const chosen = choice(name, ['on', 'off']);
    return chosen && chosen === 'on';
  }

  const redisUrls = (env['REDIS_URL'] ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  for (const url of redisUrls) {
    if (hasProtocol(url, ['redis:', 'rediss:'])) continue;
    // Not repeated here: it may hold a password.
    problems.push(
      'REDIS_URL must be a redis:// or rediss:// URL, or a comma-separated list of them.',
    );
  }
  const databaseUrl = env['DATABASE_URL']?.trim() || undefined;
  if (databaseUrl !== undefined && !hasProtocol(databaseUrl, ['postgres:', 'postgresql:'])) {
    problems.push('DATABASE_URL must be a postgres:// URL. For SQLite, set DATABASE_FILE.');
  }
  const config: ServerConfig = {
    port: integer('PORT', PORT_MAX) ?? 4_000,
    redisUrls,
    databaseUrl,
    databaseFile: env['DATABASE_FILE']?.trim() || 'data/payments.db',
    processorLatencyMs: integer('PROCESSOR_LATENCY_MS', LATENCY_MS_MAX) ?? 0,
    requestTimeoutMs: integer('REQUEST_TIMEOUT_MS', REQUEST_MS_MAX, 1) ?? 30_000,
    checkoutSwitches: onOrOff('CHECKOUT_SWITCHES') ?? true,
    metrics: onOrOff('METRICS') ?? true,
    logFormat: choice('LOG_FORMAT', LOG_FORMATS) ?? (isTerminal ? 'text' : 'json'),
    logLevel: choice('LOG_LEVEL', LOG_LEVELS) ?? 'info',
    idempotency: {
      ttlSeconds: integer('IDEMPOTENCY_TTL_SECONDS', Number.MAX_SAFE_INTEGER),
      waitMs: integer('IDEMPOTENCY_WAIT_MS', Number.MAX_SAFE_INTEGER),
      leaseMs: integer('IDEMPOTENCY_LEASE_MS', Number.MAX_SAFE_INTEGER),
    },
  };
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return config;
}

function hasProtocol(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol);
}
