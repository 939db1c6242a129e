import { crc32 } from 'node:zlib';
import { SEALED_MARK } from './crypto/cipher.js';
import { ByteReader } from './codec/byte-reader.js';
import { ByteWriter, tooLarge } from './codec/byte-writer.js';
import { Decoder, type Revival } from './codec/decoder.js';
import { Encoder, type EncodeRules } from './codec/encoder.js';
import { UnreadableValueError } from './codec/errors.js';
import { messageOf } from './values/message-of.js';

export { dataOf } from './codec/data-copy.js';
export type { Revival } from './codec/decoder.js';
export type { EncodeRules, Redacts } from './codec/encoder.js';
export {
  NotPlainError,
  placeText,
  TooLargeError,
  UnfaithfulValueError,
  UnreadableValueError,
} from './codec/errors.js';

/** The first byte of every payload. Payloads of other versions are not read. */
const VERSION = 1;
/**
 * The length of the header: the version, a CRC-32 of everything after it (so a bit that flips in a store
 * makes the payload unreadable), and the writer's shape.
 */
const HEADER_BYTES = 9;
const CHECKED_FROM = 5;

/** Options of {@link encodeValue}. */
export interface EncodeOptions extends EncodeRules {
  /** The largest payload, in bytes. */
  readonly bytesMax: number;
  /**
   * A number below 2^32 that {@link shapeOf} returns.
   * @defaultValue 0
   */
  readonly shape?: number | undefined;
}

/**
 * Encodes plain data so that {@link decodeValue} restores it exactly, including Date, BigInt, Map, Set,
 * bytes, undefined, NaN, -0, unpaired surrogates, shared objects and cycles.
 *
 * @throws NotPlainError when it is more than plain data: a function, a symbol, a getter, a Proxy, an
 * instance of an unknown class, …; UnfaithfulValueError when it needs more than `bytesMax` or is nested
 * deeper than 500; the error of `redacts`
 */
export function encodeValue(value: unknown, options: EncodeOptions): Uint8Array {
  const { bytesMax } = options;
  const writer = new ByteWriter(bytesMax, HEADER_BYTES);
  let payload: Buffer;
  try {
    new Encoder(writer, options).value(value);
    payload = writer.finish();
  } finally {
    writer.release();
  }
  if (payload.length > bytesMax) throw tooLarge(bytesMax);
  payload[0] = VERSION;
  payload.writeUInt32LE(options.shape ?? 0, CHECKED_FROM);
  payload.writeUInt32LE(crc32(payload.subarray(CHECKED_FROM)), 1);
  return payload;
}

/** The shape that a payload was written with; 0 if none was given. */
export function shapeOf(payload: Uint8Array): number {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).readUInt32LE(
    CHECKED_FROM,
  );
}

/**
 * Decodes a payload of {@link encodeValue}.
 *
 * @throws UnreadableValueError when the bytes are damaged, have another version, or name a class that no
 * longer exists
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
  if (bytes.readUInt32LE(1) !== crc32(bytes.subarray(CHECKED_FROM))) {
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
