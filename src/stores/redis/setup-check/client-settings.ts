import type { RedisLike } from '../redis-like.js';

/** What is enough for a Redis that is slow, and less than people wait. */
const SOCKET_TIMEOUT_MS = 3_000;

/**
 * What the settings of a client say about asking Redis at all: sentences that name what to change.
 * None of it loses a record.
 *
 * @param waitMs - how long a reply may be held back: where replicas are waited for, so long
 */
export function clientSettingProblems(
  { options }: RedisLike,
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
