import { parseKey } from '../../core/record/key-syntax.js';
import { ignoreRejection } from './notify.js';

/**
 * A new key: a random UUID (version 4, RFC 9562). `crypto.randomUUID` exists on pages from HTTPS
 * only, `crypto.getRandomValues` everywhere.
 */
export function generateKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * A key that an application's function made.
 *
 * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID` for whatever is no key; a promise is none
 */
export function madeKey(make: () => unknown): string {
  const made = make();
  ignoreRejection(made);
  return parseKey(made);
}
