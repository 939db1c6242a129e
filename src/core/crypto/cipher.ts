import { andThen, type Awaitable } from '../async/awaitable.js';
import type { OutcomeStatus } from '../record/record.js';

/**
 * Encrypts what is stored. What it is given belongs to one place, named by `context`: the same bytes
 * under another context must not decrypt, or whoever can write to the store could move answers.
 */
export interface Cipher {
  /** @returns everything that {@link Cipher.decrypt} needs, in one */
  encrypt(plaintext: Uint8Array, context: string): Uint8Array | Promise<Uint8Array>;
  /** @throws Error when the bytes were changed, moved, or encrypted with a key that is not known */
  decrypt(sealed: Uint8Array, context: string): Uint8Array | Promise<Uint8Array>;
  /**
   * Whether what is stored unencrypted is still read. Only for the roll-out: whoever can write to
   * the store can then make up answers.
   *
   * @defaultValue false
   */
  readonly acceptsPlaintext?: boolean;
}

/** The first byte of what a {@link Cipher} has sealed. The codec's versions are far below. */
export const SEALED_MARK = 0xe1;

/** The payload as a {@link Cipher} seals it for its place: at once, if the cipher does. */
export function seal(cipher: Cipher, payload: Uint8Array, context: string): Awaitable<Uint8Array> {
  return andThen(cipher.encrypt(payload, context), (encrypted) =>
    Buffer.concat([Buffer.of(SEALED_MARK), encrypted]),
  );
}

/**
 * The payload that {@link seal} was given; one that was stored unencrypted only if that is accepted.
 *
 * @throws Error when it may not, or cannot, be read
 */
export async function unseal(
  cipher: Cipher,
  payload: Uint8Array,
  context: string,
): Promise<Uint8Array> {
  if (payload.length === 0) return payload;
  if (payload[0] === SEALED_MARK) {
    const opened: unknown = await cipher.decrypt(payload.subarray(1), context);
    if (opened instanceof Uint8Array) return opened;
    throw new Error('The cipher decrypted to something that is not bytes.');
  }
  if (cipher.acceptsPlaintext === true) return payload;
  throw new Error('The value was stored without encryption, which this server does not accept.');
}

/** The place of an outcome. Record ids and statuses have no line break. */
export function outcomeContext(recordId: string, status: OutcomeStatus): string {
  return `outcome\n${recordId}\n${status}`;
}

/** The place of a step's value. */
export function stepContext(recordId: string, name: string): string {
  return `step\n${recordId}\n${name}`;
}

/** The place of a transaction's outcome in the user's database. */
export function transactionContext(recordId: string, name: string): string {
  return `transaction\n${recordId}\n${name}`;
}
