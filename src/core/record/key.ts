import { digestOf, type DigestSecret } from '../crypto/digest.js';
import { OWNER_LENGTH, RECORD_DIGEST_LENGTH } from './record.js';
import { isWellFormed } from '../values/well-formed.js';
import { isWholeNumber, wholeNumberRule } from '../values/whole-number.js';

const RECORD_ID = new RegExp(`^(\\w+(?:\\.\\w+)?):[\\w-]{${String(RECORD_DIGEST_LENGTH)}}$`);
const LABEL_LENGTH_MAX = 255;
const DOWNSTREAM_LENGTH = { min: 16, max: 43 };

/** The default name of the type whose fields are mutations. */
const USUAL_TYPE = 'Mutation.';

/**
 * The id of a key's record: the mutation's name, for operators, and 192 bits of a digest in base64url, as
 * in `createPayment:3q2-7w…`. It reveals neither scope nor key, unless they can be guessed and there is
 * no secret.
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

/** The name with which the ids of an operation's records start. */
export function recordNameOf(operation: string): string {
  return operation.startsWith(USUAL_TYPE) ? operation.slice(USUAL_TYPE.length) : operation;
}

/**
 * The operation of a record, as a schema coordinate.
 *
 * @returns `undefined` if {@link recordIdOf} does not create such an id
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

/** Random text of `length` base64url characters, from as many whole bytes as fit. */
export function randomText(length: number, randomBytes: (size: number) => Uint8Array): string {
  const bytes = randomBytes(Math.floor((length * 3) / 4));
  return Buffer.from(bytes).toString('base64url').slice(0, length);
}

/** A new owner token: 128 random bits, base64url. */
export function newOwner(randomBytes: (size: number) => Uint8Array): string {
  return randomText(OWNER_LENGTH, randomBytes);
}

/**
 * Digest of several strings. Each is preceded by its length, so `a` and `bc` differ from `ab` and `c`.
 * In UTF-8, all unpaired surrogates would look the same, so a text with one is hashed as UTF-16. Its
 * second byte is 0, which no UTF-8 text has there.
 */
function digestOfParts(parts: readonly string[], secret?: DigestSecret): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return digestOf(isWellFormed(text) ? text : Buffer.from(text, 'utf16le'), secret);
}
