import { UnreadableValueError } from './errors.js';
import { TEXT } from './tags.js';

/** Reads the output of a ByteWriter. It never reads beyond the end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #next: number;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#next = start;
  }

  /** The number of remaining bytes. */
  get left(): number {
    return this.#bytes.length - this.#next;
  }

  byte(): number {
    const byte = this.#bytes[this.#next];
    if (byte === undefined) throw new UnreadableValueError('The payload ends too early.');
    this.#next += 1;
    return byte;
  }

  integer(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (value > Number.MAX_SAFE_INTEGER) throw new UnreadableValueError('A number is too large.');
      if (byte < 0x80) return value;
    }
  }

  /** The number of items that follow; each takes at least a byte. */
  count(): number {
    const count = this.integer();
    this.#require(count);
    return count;
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#skip(8));
  }

  /** A copy of the next bytes, in a buffer of its own. */
  raw(count: number): Uint8Array<ArrayBuffer> {
    const start = this.#skip(count);
    return new Uint8Array(this.#bytes.subarray(start, start + count));
  }

  text(): string {
    const header = this.integer();
    const byteLength = Math.floor(header / 4);
    const start = this.#skip(byteLength);
    const end = start + byteLength;
    switch (header % 4) {
      case TEXT.ascii:
        return this.#bytes.toString('latin1', start, end);
      case TEXT.utf8:
        return this.#bytes.toString('utf8', start, end);
      case TEXT.utf16:
        return this.#bytes.toString('utf16le', start, end);
      default:
        throw new UnreadableValueError('A text has an unknown encoding.');
    }
  }

  #skip(count: number): number {
    this.#require(count);
    const start = this.#next;
    this.#next += count;
    return start;
  }

  #require(count: number): void {
    if (count > this.left) throw new UnreadableValueError('The payload ends too early.');
  }
}
