import { systemClock, type Clock } from '../../core/async/clock.js';
import { clientProblem } from './clients/driver-of.js';
import { unknownOptionProblems, type OptionNames } from '../../core/values/unknown-options.js';
import { isWholeNumber, wholeNumberRule } from '../../core/values/whole-number.js';

/** Settings of a {@link RedisStore}. */
export interface RedisStoreOptions {
  /**
   * The owner of these records: a name that all servers of this service share, and that no other service
   * or environment on the same Redis has. It has 1 to 64 letters, digits, dots, hyphens and underscores.
   * Two services with the same name would answer each other's retries. There is no default, because both
   * would have it. After a change of the name, a server does not find earlier records, and a retry runs
   * again.
   */
  readonly service: string;
  /**
   * The start of every key and of the channel, before the service's name: at most 128 characters, no
   * braces. A `keyPrefix` of the client precedes it in keys, but not in the channel.
   *
   * @defaultValue `'idempotency:'`
   */
  readonly prefix?: string;
  /**
   * The number of replicas that must acknowledge a claim before its resolver runs, an outcome before it
   * is reported as stored, a step before it is reported as recorded, and an outcome before it is
   * replayed. A write that is not acknowledged is refused, because a failover may lose it. A whole number
   * of at least 1, or `'all'`: the replicas that the primary is known to have had since its last
   * failover, and at least one.
   *
   * Costs one more round trip to Redis and one from there to the replicas, on a separate connection.
   *
   * @defaultValue unset: a write counts when the primary has it
   */
  readonly replicas?: number | 'all';
  /**
   * The longest time that Redis waits for replicas, in milliseconds: 1 to 60 000. The plugin's
   * `storeTimeoutMs` also limits a claim.
   *
   * @defaultValue 500
   */
  readonly replicasTimeoutMs?: number;
  /**
   * If true, a server refuses to start when Redis could lose records (eviction, no persistence, fewer or
   * more replicas than `replicas` waits for, an old version, a missing permission), or when it cannot
   * check this. If false, the server warns.
   *
   * @defaultValue false
   */
  readonly strict?: boolean;
  /**
   * The source of the local time. Only its `now` is used.
   *
   * @defaultValue the process's own clock
   */
  readonly clock?: Clock;
}

/** The defaults of the options. */
const REDIS_STORE_DEFAULTS = Object.freeze({
  prefix: 'idempotency:',
  replicasTimeoutMs: 500,
});

const OPTION_NAMES: OptionNames<RedisStoreOptions> = Object.freeze({
  service: true,
  prefix: true,
  replicas: true,
  replicasTimeoutMs: true,
  strict: true,
  clock: true,
});

const SERVICE = /^[\w.-]{1,64}$/;
const PREFIX_LENGTH_MAX = 128;
const REPLICAS_TIMEOUT_MS_MAX = 60_000;

/** The options with all values set. */
export interface RedisStoreSettings extends Required<
  Omit<RedisStoreOptions, 'replicas' | 'service'>
> {
  /** The start of keys and of the channel: the option, the service's name, and a colon. */
  readonly prefix: string;
  readonly replicas: number | 'all' | undefined;
}

/** The options with their defaults. */
export function redisStoreSettings(options: RedisStoreOptions): RedisStoreSettings {
  return {
    prefix: prefixOf(options),
    replicas: options.replicas,
    replicasTimeoutMs: options.replicasTimeoutMs ?? REDIS_STORE_DEFAULTS.replicasTimeoutMs,
    strict: options.strict ?? false,
    clock: options.clock ?? systemClock,
  };
}

/** The start of the keys and of the channel of one service. */
export function prefixOf(options: Pick<RedisStoreOptions, 'service' | 'prefix'>): string {
  return `${basePrefixOf(options)}${options.service}:`;
}

/** The start of the keys of every service. */
export function basePrefixOf({ prefix }: Pick<RedisStoreOptions, 'prefix'>): string {
  return prefix ?? REDIS_STORE_DEFAULTS.prefix;
}

/** The channel for messages about ended records. */
export function channelOf(prefix: string): string {
  return `${prefix}ended`;
}

/** The problems of a store's options, in sentences. */
export function redisStoreProblems(
  client: unknown,
  options: Partial<RedisStoreOptions> = {},
): readonly string[] {
  const { replicas, strict = false } = options;
  const { replicasTimeoutMs = REDIS_STORE_DEFAULTS.replicasTimeoutMs } = options;
  return [
    ...clientProblem(client),
    ...serviceProblems(options.service),
    ...prefixProblems(basePrefixOf(options)),
    ...replicasProblems(replicas, replicasTimeoutMs),
    ...(typeof strict === 'boolean' ? [] : ['strict must be true or false.']),
    ...unknownOptionProblems(options, OPTION_NAMES),
  ];
}

/** The problems of a service's name, in sentences. */
export function serviceProblems(service: unknown): readonly string[] {
  if (typeof service === 'string' && SERVICE.test(service)) return [];
  return [
    'service must say whose records these are: a name that no other service and no other ' +
      "environment on this Redis has, as in { service: 'payments' }; 1 to 64 letters, digits, dots, " +
      'hyphens and underscores.',
  ];
}

function prefixProblems(prefix: unknown): readonly string[] {
  if (typeof prefix !== 'string') return ['prefix must be a string.'];
  const problems: string[] = [];
  if (prefix.length > PREFIX_LENGTH_MAX) {
    problems.push(`prefix must have at most ${String(PREFIX_LENGTH_MAX)} characters.`);
  }
  // A hash tag would put all records of a cluster on one node.
  if (/[{}]/.test(prefix)) problems.push('prefix must not contain braces.');
  return problems;
}

function replicasProblems(replicas: unknown, timeoutMs: unknown): readonly string[] {
  const problems: string[] = [];
  const isCount = Number.isSafeInteger(replicas) && Number(replicas) >= 1;
  if (replicas !== undefined && replicas !== 'all' && !isCount) {
    problems.push("replicas must be a whole number of at least 1, or 'all'.");
  }
  const range = { min: 1, max: REPLICAS_TIMEOUT_MS_MAX };
  if (!isWholeNumber(timeoutMs, range)) {
    problems.push(`${wholeNumberRule('replicasTimeoutMs', range)}.`);
  }
  return problems;
}
