import { IdempotencyError } from '../errors.js';

/** Visible ASCII without `"`, `,`, `;` and `\`, which have a meaning in headers and logs. */
const KEY = /^[!#-+\--:<-[\]-~]{1,255}$/;

/**
 * Parses the key in an argument or in the directive.
 *
 * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID`, without repeating the input
 */
export function parseKey(value: unknown): string {
  if (typeof value === 'string' && KEY.test(value)) return value;
  throw new IdempotencyError(
    'IDEMPOTENCY_KEY_INVALID',
    'An idempotency key must be 1 to 255 visible ASCII characters, none of them " , ; or \\.',
  );
}
