import { isPlainObject } from '../plain-object.js';
import type { Annotation, Annotations } from './annotation.js';
import type { ByteWriter } from './byte-writer.js';
import { UnfaithfulValueError } from './errors.js';
import { Numbering } from './numbering.js';
import { builtInOf, BYTES_KINDS, classNameOf, DEPTH_MAX, TAG } from './tags.js';

const INT_MAX = 0x3fff_ffff;

/** Which properties are left out, as if they were not there. */
export type Redacts = (object: object, name: string) => boolean;

/** Writes values one after the other, with a memory of the objects and names it has written. */
export class Encoder {
  readonly #writer: ByteWriter;
  readonly #annotations: Annotations | undefined;
  readonly #redacts: Redacts | undefined;
  /** Objects by their number, in the order in which they began. The decoder counts alike. */
  readonly #seen = new Numbering<object>();
  readonly #names = new Numbering<string>();

  constructor(writer: ByteWriter, annotations: Annotations | undefined, redacts?: Redacts) {
    this.#writer = writer;
    this.#annotations = annotations;
    this.#redacts = redacts;
  }

  /** @throws UnfaithfulValueError */
  value(value: unknown, depth = 0): void {
    switch (typeof value) {
      case 'string':
        this.#writer.byte(TAG.string);
        this.#writer.text(value);
        return;
      case 'number':
        this.#number(value);
        return;
      case 'boolean':
        this.#writer.byte(value ? TAG.true : TAG.false);
        return;
      case 'undefined':
        this.#writer.byte(TAG.undefined);
        return;
      case 'bigint':
        this.#writer.byte(TAG.bigint);
        // To base 16 and back takes no longer than the number is long.
        this.#writer.text(value.toString(16));
        return;
      case 'object':
        if (value === null) this.#writer.byte(TAG.null);
        else this.#object(value, depth);
        return;
      default:
        throw new UnfaithfulValueError(`The result contains a ${typeof value}.`);
    }
  }

  #number(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) <= INT_MAX && !Object.is(value, -0)) {
      this.#writer.byte(TAG.int);
      this.#writer.integer(value < 0 ? -2 * value - 1 : 2 * value);
    } else {
      this.#writer.byte(TAG.double);
      this.#writer.double(value);
    }
  }

  #object(value: object, depth: number): void {
    const annotation = this.#annotations?.get(value);
    if (annotation !== undefined) {
      this.#annotated(value, annotation, depth);
    } else if (Array.isArray(value)) {
      if (this.#begin(value, TAG.array, depth)) this.#items(value, value.length, depth);
    } else if (isPlainObject(value)) {
      const tag = Object.getPrototypeOf(value) === null ? TAG.bareObject : TAG.object;
      if (!this.#begin(value, tag, depth)) return;
      refuseSymbols(value);
      this.#members(value, value as Readonly<Record<string, unknown>>, depth);
    } else {
      this.#builtIn(value, depth);
    }
  }

  #annotated(object: object, annotation: Annotation, depth: number): void {
    if (annotation.kind === 'promise') {
      const tag = annotation.state === 'fulfilled' ? TAG.fulfilled : TAG.rejected;
      if (this.#begin(object, tag, depth)) this.value(annotation.value, depth + 1);
    } else if (annotation.kind === 'leaf') {
      this.#writer.byte(TAG.leaf);
      this.#name(annotation.scalar);
      this.value(annotation.serialized, depth + 1);
    } else if (this.#begin(object, TAG.typedObject, depth)) {
      refuseSymbols(object);
      // Empty names stand for none: GraphQL has no empty ones.
      this.#name(annotation.typeName ?? '');
      this.#name(annotation.className ?? '');
      this.#members(object, annotation.data, depth);
    }
  }

  #builtIn(value: object, depth: number): void {
    switch (builtInOf(value)) {
      case 'Date':
        this.#writer.byte(TAG.date);
        this.#writer.double((value as Date).getTime());
        return;
      case 'Bytes':
        this.#bytes(value as ArrayBuffer | ArrayBufferView);
        return;
      case 'Error':
        this.#error(value, depth);
        return;
      case 'Set': {
        const { size } = value as Set<unknown>;
        if (this.#begin(value, TAG.set, depth)) this.#items(value as Set<unknown>, size, depth);
        return;
      }
      case 'Map': {
        if (!this.#begin(value, TAG.map, depth)) return;
        const entries = this.#entries(value as Map<unknown, unknown>);
        this.#items(entries.flat(), 2 * entries.length, depth);
        return;
      }
      case undefined:
        throw new UnfaithfulValueError(`The result contains ${describe(value)}.`);
    }
  }

  /** Starts an object that others may refer to. `false`: it has stood before, and is referred to. */
  #begin(object: object, tag: number, depth: number): boolean {
    const number = this.#seen.meet(object);
    if (number !== undefined) {
      this.#writer.byte(TAG.seen);
      this.#writer.integer(number);
      return false;
    }
    if (depth >= DEPTH_MAX) throw new UnfaithfulValueError('The result is too deep.');
    this.#writer.byte(tag);
    return true;
  }

  #items(items: Iterable<unknown>, count: number, depth: number): void {
    this.#writer.integer(count);
    for (const item of items) this.value(item, depth + 1);
  }

  #members(object: object, data: Readonly<Record<string, unknown>>, depth: number): void {
    const redacts = this.#redacts;
    let names = Object.keys(data);
    if (redacts !== undefined) names = names.filter((name) => !redacts(object, name));
    this.#writer.integer(names.length);
    for (const name of names) {
      this.#name(name);
      this.value(data[name], depth + 1);
    }
  }

  /** What a text leads to in a Map is a property as well. */
  #entries(map: Map<unknown, unknown>): [unknown, unknown][] {
    const redacts = this.#redacts;
    if (redacts === undefined) return [...map];
    return [...map].filter(([key]) => typeof key !== 'string' || !redacts(map, key));
  }

  /** A name is written once: lists of objects repeat theirs. */
  #name(name: string): void {
    const number = this.#names.meet(name);
    if (number !== undefined) {
      this.#writer.integer(number + 1);
      return;
    }
    this.#writer.integer(0);
    this.#writer.text(name);
  }

  #bytes(value: ArrayBuffer | ArrayBufferView): void {
    const kind = (BYTES_KINDS as readonly string[]).indexOf(value.constructor.name);
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value);
    this.#writer.byte(TAG.bytes);
    this.#writer.byte(kind);
    this.#writer.integer(bytes.length);
    this.#writer.raw(bytes);
  }

  /** What a GraphQL response can tell of an error; never its stack. */
  #error(error: unknown, depth: number): void {
    if (depth >= DEPTH_MAX) throw new UnfaithfulValueError('The result is too deep.');
    const { name, message, extensions } = error as Readonly<Record<string, unknown>>;
    this.#writer.byte(TAG.error);
    this.#writer.text(String(name));
    this.#writer.text(String(message));
    this.value(extensions, depth + 1);
  }
}

/** A property under a symbol cannot be kept, and somebody put it there to read it again. */
function refuseSymbols(object: object): void {
  const symbols = Object.getOwnPropertySymbols(object);
  if (symbols.some((symbol) => Object.prototype.propertyIsEnumerable.call(object, symbol))) {
    throw new UnfaithfulValueError(`${describe(object)} has a property under a symbol.`);
  }
}

function describe(value: object): string {
  const name = classNameOf(value);
  return name === undefined ? 'an unusual object' : `an instance of ${name}`;
}
