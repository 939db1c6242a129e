import { digestOf, type DigestSecret } from '../crypto/digest.js';
import { OWNER_LENGTH, RECORD_DIGEST_LENGTH } from './record.js';
import { isWellFormed } from '../values/well-formed.js';
import { isWholeNumber, wholeNumberRule } from '../values/whole-number.js';

const RECORD_ID = new RegExp(`^(\\w+(?:\\.\\w+)?):[\\w-]{${String(RECORD_DIGEST_LENGTH)}}$`);
const LABEL_LENGTH_MAX = 255;
const DOWNSTREAM_LENGTH = { min: 16, max: 43 };

/** The type whose fields are mutations, unless a schema calls it otherwise. */
const USUAL_TYPE = 'Mutation.';

/**
 * The record that belongs to a key: the name of the mutation, for those who look after the store,
 * and 192 bits of a digest in base64url, as in `createPayment:3q2-7w…`. It reveals neither scope nor
 * key, unless they can be guessed and there is no secret.
 */
export function recordIdOf(
  scope: string,
  operation: string,
  key: string,
  secret?: DigestSecret,
): string {
  const digest = digestOfParts(['record', scope, operation, key], secret);
  return `${recordNameOf(operation)}:${digest.slice(0, RECORD_DIGEST_LENGTH)}`;
}

/** The start of the ids of an operation's records. */
export function recordNameOf(operation: string): string {
  return operation.startsWith(USUAL_TYPE) ? operation.slice(USUAL_TYPE.length) : operation;
}

/**
 * The operation whose record it is, as a schema coordinate.
 *
 * @returns `undefined` if it is no id that {@link recordIdOf} makes
 */
export function operationOfRecord(recordId: string): string | undefined {
  const name = RECORD_ID.exec(recordId)?.[1];
  return name === undefined || name.includes('.') ? name : USUAL_TYPE + name;
}

/**
 * A key for another service, the same for every attempt of one execution.
 *
 * @throws RangeError when `label` is empty or too long, or `length` out of range
 */
export function downstreamKeyOf(
  scope: string,
  operation: string,
  key: string,
  label: string,
  length: number = DOWNSTREAM_LENGTH.max,
): string {
  if (typeof label !== 'string' || label.length === 0 || label.length > LABEL_LENGTH_MAX) {
    throw new RangeError(`downstreamKey: the label must have 1 to ${LABEL_LENGTH_MAX} characters.`);
  }
  if (!isWholeNumber(length, DOWNSTREAM_LENGTH)) {
    throw new RangeError(`downstreamKey: ${wholeNumberRule('length', DOWNSTREAM_LENGTH)}.`);
  }
  return digestOfParts(['downstream', scope, operation, key, label]).slice(0, length);
}

/** Random text of `length` base64url characters: as many bytes as it has room for. */
export function randomText(length: number, randomBytes: (size: number) => Uint8Array): string {
  const bytes = randomBytes(Math.floor((length * 3) / 4));
  return Buffer.from(bytes).toString('base64url').slice(0, length);
}

/** A new owner token: 128 random bits, base64url. */
export function newOwner(randomBytes: (size: number) => Uint8Array): string {
  return randomText(OWNER_LENGTH, randomBytes);
}

/**
 * Digest of several strings. Each comes with its length, so that `a` and `bc` are not `ab` and
 * `c`. In UTF-8 two halves of surrogate pairs would look the same, so these are hashed as UTF-16,
 * whose second byte, unlike that of any digit in UTF-8, is 0.
 */
function digestOfParts(parts: readonly string[], secret?: DigestSecret): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return digestOf(isWellFormed(text) ? text : Buffer.from(text, 'utf16le'), secret);
}
