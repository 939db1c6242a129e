import type { NodeRedisOptions } from './node-redis-like.js';
import { SOCKET_TIMEOUT_MS } from '../redis-driver.js';

/**
 * The problems of a node-redis connection's settings, as {@link RedisDriver.settingProblems} reports
 * them. Its `socketTimeout` ends a connection that received nothing for that time, busy or idle, and
 * its default strategy does not reconnect after that.
 *
 * @param waitMs - the longest time that a connection with these settings may wait for a reply
 */
export function nodeRedisSettingProblems(
  options: NodeRedisOptions | undefined,
  waitMs: number | undefined,
): readonly string[] {
  if (options === undefined) return [];
  const { keyPrefix, pingInterval, socket = {} } = options;
  const { socketTimeout, reconnectStrategy } = socket;
  const problems: string[] = [];
  if (keyPrefix !== undefined && keyPrefix.length > 0) {
    problems.push(
      "The client's keyPrefix does not apply to the store's keys: use the store's option prefix.",
    );
  }
  if (socketTimeout === undefined || socketTimeout === 0) {
    problems.push(
      'The client has no socket.socketTimeout: a connection that ended without a word is kept for a ' +
        'quarter of a minute and longer, and marked mutations are refused meanwhile. Set it to ' +
        `${String(SOCKET_TIMEOUT_MS)}, in milliseconds, pingInterval to a third of that, and ` +
        'socket.reconnectStrategy.',
    );
    return problems;
  }
  if (pingInterval === undefined || pingInterval === 0 || pingInterval >= socketTimeout) {
    problems.push(
      `The client's socket.socketTimeout is ${String(socketTimeout)} and ends connections that are ` +
        'idle for so long: set pingInterval to a third of it.',
    );
  }
  if (reconnectStrategy === undefined) {
    problems.push(
      'The client has a socket.socketTimeout and no socket.reconnectStrategy: node-redis by itself ' +
        'does not connect again after that timeout. Set one, as in (retries) => Math.min(retries * ' +
        '50, 1_000).',
    );
  }
  if (waitMs !== undefined && socketTimeout <= waitMs) {
    problems.push(
      `The client's socket.socketTimeout is ${String(socketTimeout)}, and replicasTimeoutMs ` +
        `${String(waitMs)}: a connection that waits for replicas is closed before they answer. Make ` +
        'it longer.',
    );
  }
  return problems;
}
