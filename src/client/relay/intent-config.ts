import type { ShownAnswer } from '../intent/ends-intent.js';
import type { RelayCacheConfig } from './relay-types.js';

const KEY = 'idempotencyKey';
const ON_ANSWER = 'onIdempotentAnswer';

/**
 * The `cacheConfig` of a mutation that brings its own key. Calls with one key are one intent.
 *
 * @param key - the key of the intent
 * @param onAnswer - learns the server's answer as it came, with its `extensions`, which Relay gives to
 *   nobody: `isReplay(answer)`, or the `settle` of an intent. What it throws is ignored
 *
 * @example
 * ```ts
 * commitMutation(environment, { mutation, variables, cacheConfig: intentConfig(orderId) });
 * ```
 */
export function intentConfig(
  key?: string,
  onAnswer?: (answer: ShownAnswer) => unknown,
): { metadata: Record<string, unknown> } {
  return { metadata: { [KEY]: key, [ON_ANSWER]: onAnswer } };
}

/** The key and the callback that {@link intentConfig} put into a `cacheConfig`. */
export function intentOf({ metadata = {} }: RelayCacheConfig): {
  readonly key: unknown;
  readonly onAnswer: ((answer: ShownAnswer) => unknown) | undefined;
} {
  const onAnswer = metadata[ON_ANSWER];
  return {
    key: metadata[KEY],
    onAnswer:
      typeof onAnswer === 'function' ? (onAnswer as (answer: ShownAnswer) => unknown) : undefined,
  };
}
