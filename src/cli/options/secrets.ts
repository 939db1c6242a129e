import { readFileSync } from 'node:fs';
import { aesGcmCipher } from '../../core/crypto/aes-gcm.js';
import type { Cipher } from '../../core/crypto/cipher.js';
import { digestSecretProblems } from '../../core/crypto/digest.js';
import { messageOf } from '../../core/values/message-of.js';
import type { CommandOptions, OptionSpecs } from './command-options.js';
import { UsageError } from './usage-error.js';

/** Options of commands that look into encrypted records. */
export const CIPHER_OPTIONS: OptionSpecs = {
  'cipher-keys-file': {
    value: 'file',
    help: 'JSON {"current": id, "keys": {id: base64}}, as the servers have in their cipher',
  },
};

/**
 * The secret that the servers have as `digestSecret`: the bytes of the file without a last line break.
 *
 * @throws UsageError
 */
export function digestSecretOf(options: CommandOptions): string | undefined {
  const file = options.text('digest-secret-file');
  if (file === undefined) return undefined;
  const secret = readText(file).replace(/\r?\n$/, '');
  if (digestSecretProblems(secret).length === 0) return secret;
  throw new UsageError(`${file} must hold at least 32 bytes.`);
}

/** @throws UsageError */
export function cipherOf(options: CommandOptions): Cipher | undefined {
  const file = options.text('cipher-keys-file');
  if (file === undefined) return undefined;
  try {
    const parsed = JSON.parse(readText(file)) as Parameters<typeof aesGcmCipher>[0];
    return aesGcmCipher({ ...parsed, acceptPlaintext: true });
  } catch (error) {
    // What JSON.parse says repeats a part of the file.
    const why = error instanceof SyntaxError ? 'it is not JSON.' : messageOf(error);
    throw new UsageError(`${file} cannot be used: ${why}`);
  }
}

/** @throws UsageError */
export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`);
  }
}
