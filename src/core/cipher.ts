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
