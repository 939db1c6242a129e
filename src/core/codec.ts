import { crc32 } from 'node:zlib';
import { SEALED_MARK } from './crypto/cipher.js';
import type { Annotations, Revival } from './codec/annotation.js';
import { ByteReader } from './codec/byte-reader.js';
import { ByteWriter, tooLarge } from './codec/byte-writer.js';
import { Decoder } from './codec/decoder.js';
import { Encoder, type Redacts } from './codec/encoder.js';
import { UnreadableValueError } from './codec/errors.js';
import { messageOf } from './message-of.js';

export { tooLarge } from './codec/byte-writer.js';
export type { Redacts } from './codec/encoder.js';
export type { Annotation, Annotations, Revival } from './codec/annotation.js';
export { UnfaithfulValueError, UnreadableValueError } from './codec/errors.js';
export { builtInOf } from './codec/tags.js';

/** The first byte of every payload. A newer version is never guessed at. */
const VERSION = 1;
/** The version, and a CRC-32 of everything behind it: bits that flip in a store must not answer. */
const HEADER_BYTES = 5;

/** How a value is written. */
export interface EncodeOptions {
  /** The largest payload, in bytes. */
  readonly bytesMax: number;
  readonly annotations?: Annotations;
  /** Which properties are left out, as if they were not there. */
  readonly redacts?: Redacts | undefined;
}

/**
 * Writes a value so that {@link decodeValue} gives it back as it was: Date, BigInt, Map, Set, bytes,
 * undefined, NaN, -0, halves of surrogate pairs, shared objects and cycles included.
 *
 * @throws UnfaithfulValueError when it cannot: a function, a symbol, a promise, an instance of a
 * class without annotation, more than `bytesMax`, nested deeper than 500; and what a getter or
 * `redacts` throws
 */
export function encodeValue(
  value: unknown,
  { bytesMax, annotations, redacts }: EncodeOptions,
): Uint8Array {
  const writer = new ByteWriter(bytesMax, HEADER_BYTES);
  new Encoder(writer, annotations, redacts).value(value);
  const payload = writer.finish();
  if (payload.length > bytesMax) throw tooLarge(bytesMax);
  payload[0] = VERSION;
  payload.writeUInt32LE(crc32(payload.subarray(HEADER_BYTES)), 1);
  return payload;
}

/**
 * Reads what {@link encodeValue} wrote.
 *
 * @throws UnreadableValueError when the bytes are damaged, of a newer version, or name a class or a
 * scalar that is not there any more
 */
export function decodeValue(payload: Uint8Array, revival: Revival): unknown {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (bytes.length <= HEADER_BYTES) throw new UnreadableValueError('The payload is too short.');
  if (bytes[0] === SEALED_MARK) {
    throw new UnreadableValueError('The payload is encrypted, and this server has no cipher.');
  }
  if (bytes[0] !== VERSION) {
    throw new UnreadableValueError(`The payload has version ${bytes[0] ?? 0}, not ${VERSION}.`);
  }
  if (bytes.readUInt32LE(1) !== crc32(bytes.subarray(HEADER_BYTES))) {
    throw new UnreadableValueError('The payload is damaged.');
  }
  const reader = new ByteReader(bytes, HEADER_BYTES);
  try {
    const value = new Decoder(reader, revival).value();
    if (reader.left > 0) throw new UnreadableValueError('The payload has bytes left over.');
    return value;
  } catch (error) {
    if (error instanceof UnreadableValueError) throw error;
    throw new UnreadableValueError(messageOf(error), { cause: error });
  }
}
