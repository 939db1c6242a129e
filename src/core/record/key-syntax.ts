import { IdempotencyError } from '../errors.js';

/** Visible ASCII without `"`, `,`, `;` and `\`, which header syntax and logs give meanings to. */
const KEY = /^[!#-+\--:<-[\]-~]{1,255}$/;

/**
 * A key as it stands in an argument or in the directive.
 *
 * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID`, without repeating what was sent
 */
export function parseKey(value: unknown): string {
  if (typeof value === 'string' && KEY.test(value)) return value;
  throw new IdempotencyError(
    'IDEMPOTENCY_KEY_INVALID',
    'An idempotency key must be 1 to 255 visible ASCII characters, none of them " , ; or \\.',
  );
}

/**
 * A key as it stands in a header: bare, or a string of RFC 9651 in double quotes. Parameters, lists
 * and escapes are refused, so that no two spellings beyond those two mean one key.
 *
 * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID`
 */
export function parseHeaderKey(value: string): string {
  const quoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
  return parseKey(quoted ? value.slice(1, -1) : value);
}
