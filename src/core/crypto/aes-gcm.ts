import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { unknownOptionProblems, type OptionNames } from '../values/unknown-options.js';
import type { Cipher } from './cipher.js';

/** Options of {@link aesGcmCipher}. */
export interface AesGcmCipherOptions {
  /**
   * Every key that records may be encrypted with, by its id: 32 bytes, or the same in base64. An id
   * has 1 to 32 characters of `A-Z a-z 0-9 . _ -` and is stored with each record.
   */
  readonly keys: Readonly<Record<string, Uint8Array | string>>;
  /** The id of the key that encrypts from now on. */
  readonly current: string;
  /**
   * Whether records that were stored without encryption are still replayed: for the time of the
   * roll-out, and until those have expired.
   *
   * @defaultValue false
   */
  readonly acceptPlaintext?: boolean;
}

const OPTION_NAMES: OptionNames<AesGcmCipherOptions> = Object.freeze({
  keys: true,
  current: true,
  acceptPlaintext: true,
});
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** The length of random nonces that NIST SP 800-38D, section 8.2.2, recommends. Every library has it. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID = /^[A-Za-z0-9._-]{1,32}$/;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;

/**
 * AES-256-GCM (NIST SP 800-38D) with random nonces and keys that can be changed: `current` encrypts,
 * all `keys` decrypt. A sealed value is: length of the key's id (1), id, nonce (12), ciphertext,
 * tag (16). The key's id and the context are authenticated with it.
 *
 * One key must not encrypt more than 2^32 values: give it a successor before that.
 *
 * @throws Error that lists every problem with the options, without repeating keys
 */
export function aesGcmCipher(options: AesGcmCipherOptions): Cipher {
  const problems = unknownOptionProblems(options, OPTION_NAMES);
  const keys = new Map<string, KeyObject>();
  const given = Object(options.keys) as Readonly<Record<string, unknown>>;
  for (const [id, key] of Object.entries(given)) {
    const bytes = bytesOf(key);
    if (!KEY_ID.test(id)) {
      problems.push(`The key id ${JSON.stringify(id)} must have 1 to 32 of A-Z a-z 0-9 . _ -`);
    } else if (bytes?.length !== KEY_BYTES) {
      problems.push(`The key ${id} must have ${String(KEY_BYTES)} bytes, or be their base64.`);
    } else {
      keys.set(id, createSecretKey(bytes));
    }
  }
  const { current } = options;
  const currentKey = keys.get(current);
  if (!Object.hasOwn(given, current)) {
    problems.push(`current names the key ${JSON.stringify(current)}, which is not among keys.`);
  }
  if (problems.length > 0 || currentKey === undefined) {
    throw new Error(`aesGcmCipher: ${problems.join(' ')}`);
  }
  const currentHead = Buffer.concat([Buffer.from([current.length]), Buffer.from(current)]);

  return {
    acceptsPlaintext: options.acceptPlaintext ?? false,
    encrypt(plaintext, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, currentKey, nonce);
      cipher.setAAD(contextOf(current, context));
      const sealed = [currentHead, nonce, cipher.update(plaintext), cipher.final()];
      return Buffer.concat([...sealed, cipher.getAuthTag()]);
    },
    decrypt(given, context) {
      const sealed = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
      const nonceAt = 1 + (sealed[0] ?? 0);
      const textAt = nonceAt + NONCE_BYTES;
      const tagAt = sealed.length - TAG_BYTES;
      if (tagAt < textAt) throw new Error('The sealed value is too short.');
      const id = sealed.toString('latin1', 1, nonceAt);
      const key = keys.get(id);
      if (key === undefined) {
        const name = KEY_ID.test(id) ? `"${id}"` : 'that has no valid id';
        throw new Error(`The value was sealed with the key ${name}, which is not among keys.`);
      }
      const nonce = sealed.subarray(nonceAt, textAt);
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(contextOf(id, context));
      decipher.setAuthTag(sealed.subarray(tagAt));
      const text = decipher.update(sealed.subarray(textAt, tagAt));
      try {
        return Buffer.concat([text, decipher.final()]);
      } catch (cause) {
        throw new Error('The sealed value was changed, or belongs to another record.', { cause });
      }
    },
  };
}

function bytesOf(given: unknown): Uint8Array | undefined {
  if (given instanceof Uint8Array) return given;
  return typeof given === 'string' && BASE64.test(given) ? Buffer.from(given, 'base64') : undefined;
}

/** Key ids have no line break. */
function contextOf(keyId: string, context: string): Buffer {
  return Buffer.from(`${keyId}\n${context}`);
}
