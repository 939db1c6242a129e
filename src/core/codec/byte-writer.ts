import { isWellFormed } from '../values/well-formed.js';
import { TooLargeError, type UnfaithfulValueError } from './errors.js';
import { TEXT } from './tags.js';

/** The longest text for which a loop in JavaScript is faster than a call into the runtime. */
const SHORT_TEXT = 24;

const SCRATCH_BYTES = 4_096;

/** The buffer for the next writer: most values fit, so only the bytes that are kept are allocated. */
let scratch: Buffer | undefined;

/**
 * A buffer that grows as bytes are written, up to a limit.
 *
 * Invariant: a writer has its buffer to itself until it is released, even if code of the user starts
 * another one meanwhile.
 */
export class ByteWriter {
  readonly #bytesMax: number;
  #bytes: Buffer;
  #length: number;

  /** @param start - the number of bytes to leave free at the start */
  constructor(bytesMax: number, start: number) {
    this.#bytesMax = bytesMax;
    this.#bytes = scratch ?? Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    this.#length = start;
    scratch = undefined;
  }

  /** The free bytes at the start and everything written so far. */
  finish(): Buffer {
    const written = this.#bytes.subarray(0, this.#length);
    // A larger buffer belongs to this writer alone.
    return this.#isShared ? Buffer.from(written) : written;
  }

  /** Leaves the buffer to the next writer. This one writes no more. */
  release(): void {
    if (this.#isShared) scratch = this.#bytes;
  }

  get #isShared(): boolean {
    return this.#bytes.length === SCRATCH_BYTES;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** An unsigned integer below 2^53: seven bits a byte, the lowest first. */
  integer(value: number): void {
    this.#reserve(8);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
    }
    this.#bytes[this.#length++] = rest;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A string of any code units, including unpaired surrogates. */
  text(text: string): void {
    if (text.length <= SHORT_TEXT && this.#shortAscii(text)) return;
    const byteLength = Buffer.byteLength(text);
    if (byteLength === text.length) this.#encoded(text, byteLength, TEXT.ascii, 'latin1');
    else if (isWellFormed(text)) this.#encoded(text, byteLength, TEXT.utf8, 'utf8');
    else this.#encoded(text, text.length * 2, TEXT.utf16, 'utf16le');
  }

  #shortAscii(text: string): boolean {
    this.#reserve(SHORT_TEXT + 1);
    const start = this.#length;
    let end = start;
    this.#bytes[end++] = text.length * 4 + TEXT.ascii;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return false;
      this.#bytes[end++] = unit;
    }
    this.#length = end;
    return true;
  }

  #encoded(
    text: string,
    byteLength: number,
    kind: number,
    encoding: 'latin1' | 'utf8' | 'utf16le',
  ): void {
    this.integer(byteLength * 4 + kind);
    this.#reserve(byteLength);
    this.#length += this.#bytes.write(text, this.#length, byteLength, encoding);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    // The last reserved bytes may not be needed, so the buffer may grow a little beyond the limit.
    if (needed > this.#bytesMax + 64) throw tooLarge(this.#bytesMax);
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** The error for a value that needs more than `bytesMax`. */
export function tooLarge(bytesMax: number): UnfaithfulValueError {
  return new TooLargeError(`is larger than ${bytesMax} bytes`);
}
