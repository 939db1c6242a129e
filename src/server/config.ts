/** The server's settings, from environment variables. */
export interface ServerConfig {
  /** 0 takes a free one. */
  readonly port: number;
  /** One URL, or several of a cluster's nodes; none: records are kept in memory. */
  readonly redisUrls: readonly string[];
  /** The SQLite file of the ledger, or `:memory:`. */
  readonly databaseFile: string;
  readonly processorLatencyMs: number;
  /** Whether visitors of the checkout page may take the record store away for a while. */
  readonly checkoutSwitches: boolean;
  /** Options of the plugin that are set. It checks their ranges itself. */
  readonly idempotency: {
    readonly ttlSeconds: number | undefined;
    readonly waitMs: number | undefined;
    readonly leaseMs: number | undefined;
  };
}

const PORT_MAX = 65_535;
const LATENCY_MS_MAX = 600_000;

/**
 * Reads the settings.
 *
 * @throws Error naming every variable that is wrong
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ServerConfig {
  const problems: string[] = [];

  function integer(name: string, max: number): number | undefined {
    const text = env[name]?.trim() ?? '';
    if (text === '') return undefined;
    if (/^\d+$/.test(text) && Number(text) <= max) return Number(text);
    problems.push(`${name} must be a whole number from 0 to ${max}, not "${text}".`);
    return undefined;
  }

  function onOrOff(name: string): boolean | undefined {
    const text = env[name]?.trim() ?? '';
    if (text === 'on' || text === 'off') return text === 'on';
    if (text !== '') problems.push(`${name} must be "on" or "off", not "${text}".`);
    return undefined;
  }

  const redisUrls = (env['REDIS_URL'] ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  for (const url of redisUrls) {
    if (isRedisUrl(url)) continue;
    // Not repeated here: it may hold a password.
    problems.push(
      'REDIS_URL must be a redis:// or rediss:// URL, or a comma-separated list of them.',
    );
  }
  const config: ServerConfig = {
    port: integer('PORT', PORT_MAX) ?? 4_000,
    redisUrls,
    databaseFile: env['DATABASE_FILE']?.trim() || 'data/payments.db',
    processorLatencyMs: integer('PROCESSOR_LATENCY_MS', LATENCY_MS_MAX) ?? 0,
    checkoutSwitches: onOrOff('CHECKOUT_SWITCHES') ?? true,
    idempotency: {
      ttlSeconds: integer('IDEMPOTENCY_TTL_SECONDS', Number.MAX_SAFE_INTEGER),
      waitMs: integer('IDEMPOTENCY_WAIT_MS', Number.MAX_SAFE_INTEGER),
      leaseMs: integer('IDEMPOTENCY_LEASE_MS', Number.MAX_SAFE_INTEGER),
    },
  };
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return config;
}

function isRedisUrl(text: string): boolean {
  try {
    return ['redis:', 'rediss:'].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}
