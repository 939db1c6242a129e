import type { IoRedisCommandsLike } from './ioredis-like.js';
import { SOCKET_TIMEOUT_MS } from '../redis-driver.js';

/**
 * The problems of an ioredis client's settings, as {@link RedisDriver.settingProblems} reports them.
 */
export function ioredisSettingProblems(
  { options }: Pick<IoRedisCommandsLike, 'options'>,
  waitMs: number | undefined,
): readonly string[] {
  if (options === undefined) return [];
  const { socketTimeout } = options.redisOptions ?? options;
  if (socketTimeout === undefined) {
    return [
      'The client has no socketTimeout: a connection that ended without a word is kept for a quarter ' +
        'of a minute and longer, and marked mutations are refused meanwhile. Set it to ' +
        `${String(SOCKET_TIMEOUT_MS)}, in milliseconds.`,
    ];
  }
  if (waitMs === undefined || socketTimeout > waitMs) return [];
  return [
    `The client's socketTimeout is ${String(socketTimeout)}, and replicasTimeoutMs ${String(waitMs)}: ` +
      'a connection that waits for replicas is closed before they answer. Make it longer.',
  ];
}

/**
 * The problem with the database that a client's commands go to, as a sentence.
 *
 * `select` switches the database, but ioredis does not always keep it: connections from `duplicate()`,
 * and commands that wait while it reconnects, go to the database of the option `db`. Records would be
 * in both databases, and requests would look in the wrong one.
 */
export function databaseProblem({
  condition,
  options,
}: Pick<IoRedisCommandsLike, 'condition' | 'options'>): string | undefined {
  const [selected, given] = [condition?.select, options?.db ?? 0];
  if (selected === undefined || selected === given) return undefined;
  return (
    `The client was moved from database ${String(given)} to ${String(selected)} by select(), where ` +
    'records cannot be kept. Give the store a client of its own, with its database in the option ' +
    `db, as in new Redis(url, { db: ${String(selected)} }).`
  );
}
