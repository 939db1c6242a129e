import type { ByteReader } from './byte-reader.js';
import { UnreadableValueError } from './errors.js';
import { BYTES_KINDS } from '../values/built-in.js';
import { DEPTH_MAX, TAG } from './tags.js';

/** Creates the objects that are more than their data. */
export interface Revival {
  /**
   * Creates an instance of a registered class, without data.
   *
   * @throws if the class no longer exists
   */
  createInstance(className: string): object;
  /** Creates an object of a GraphQL type, without data. */
  createTyped(typeName: string): object;
}

type BytesKind = (typeof BYTES_KINDS)[number];

const VIEWS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
} as const;

type ViewConstructor = new (buffer: ArrayBuffer) => ArrayBufferView;

/** Decodes the values of an Encoder, one after the other. */
export class Decoder {
  readonly #reader: ByteReader;
  readonly #revival: Revival;
  readonly #seen: object[] = [];
  readonly #names: string[] = [];

  constructor(reader: ByteReader, revival: Revival) {
    this.#reader = reader;
    this.#revival = revival;
  }

  /** @throws UnreadableValueError, RangeError, and the errors of the revival */
  value(depth = 0): unknown {
    if (depth > DEPTH_MAX) throw new UnreadableValueError('The payload is too deep.');
    const tag = this.#reader.byte();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.undefined:
        return undefined;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.int: {
        const written = this.#reader.integer();
        return written % 2 === 0 ? written / 2 : -(written + 1) / 2;
      }
      case TAG.double:
        return this.#reader.double();
      case TAG.bigint:
        return bigintFrom16(this.#reader.text());
      case TAG.string:
        return this.#reader.text();
      case TAG.date:
        return new Date(this.#reader.double());
      case TAG.bytes:
        return this.#bytes();
      case TAG.seen:
        return this.#seenBefore();
      default:
        return this.#container(tag, depth);
    }
  }

  /** Remembers a container before its contents are read, because they may refer to it. */
  #container(tag: number, depth: number): object {
    switch (tag) {
      case TAG.array: {
        const array: unknown[] = this.#remember([]);
        for (let left = this.#reader.count(); left > 0; left -= 1)
          array.push(this.value(depth + 1));
        return array;
      }
      case TAG.object:
        return this.#fill(this.#remember({}), depth);
      case TAG.bareObject:
        return this.#fill(this.#remember(Object.create(null) as object), depth);
      case TAG.instance:
        return this.#fillInstance(
          this.#remember(this.#revival.createInstance(this.#name())),
          depth,
        );
      case TAG.typed: {
        const typeName = this.#name();
        const object = this.#remember(this.#revival.createTyped(typeName));
        return this.#fillInstance(object, depth);
      }
      case TAG.set: {
        const set = this.#remember(new Set());
        for (let left = this.#reader.count(); left > 0; left -= 1) set.add(this.value(depth + 1));
        return set;
      }
      case TAG.map: {
        const map = this.#remember(new Map());
        for (let left = this.#reader.count() / 2; left > 0; left -= 1) {
          map.set(this.value(depth + 1), this.value(depth + 1));
        }
        return map;
      }
      default:
        throw new UnreadableValueError(`The payload has a value of unknown kind ${tag}.`);
    }
  }

  #remember<T extends object>(object: T): T {
    this.#seen.push(object);
    return object;
  }

  #seenBefore(): object {
    const object = this.#seen[this.#reader.integer()];
    if (object === undefined) throw new UnreadableValueError('The payload refers to nothing.');
    return object;
  }

  #fill(object: object, depth: number): object {
    for (let left = this.#reader.count(); left > 0; left -= 1) {
      const name = this.#name();
      const value = this.value(depth + 1);
      // An assignment would change the prototype instead.
      if (name === '__proto__') define(object, name, value);
      else (object as Record<string, unknown>)[name] = value;
    }
    return object;
  }

  /** Defines the properties: an assignment could call a setter of the class. */
  #fillInstance(object: object, depth: number): object {
    for (let left = this.#reader.count(); left > 0; left -= 1) {
      define(object, this.#name(), this.value(depth + 1));
    }
    return object;
  }

  #name(): string {
    const number = this.#reader.integer();
    if (number === 0) {
      const name = this.#reader.text();
      this.#names.push(name);
      return name;
    }
    const name = this.#names[number - 1];
    if (name === undefined) throw new UnreadableValueError('The payload refers to no name.');
    return name;
  }

  #bytes(): ArrayBuffer | ArrayBufferView {
    const kind: BytesKind | undefined = BYTES_KINDS[this.#reader.byte()];
    const { buffer } = this.#reader.raw(this.#reader.count());
    switch (kind) {
      case undefined:
        throw new UnreadableValueError('The payload has bytes of an unknown kind.');
      case 'Buffer':
        return Buffer.from(buffer);
      case 'ArrayBuffer':
        return buffer;
      default:
        return new (VIEWS[kind] as ViewConstructor)(buffer);
    }
  }
}

function define(object: object, name: string, value: unknown): void {
  const property = { value, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(object, name, property);
}

/** Parses the output of `toString(16)`. */
function bigintFrom16(text: string): bigint {
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}
