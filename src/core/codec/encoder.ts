import { types } from 'node:util';
import { builtInOf, BYTES_KINDS, hasContentsOnly, type BuiltIn } from '../values/built-in.js';
import { isArrayPrototype, isPlainObject } from '../values/plain-object.js';
import type { ByteWriter } from './byte-writer.js';
import { NotPlainError, UnfaithfulValueError } from './errors.js';
import { Numbering } from './numbering.js';
import { describe, DEPTH_MAX, TAG } from './tags.js';

const INT_MAX = 0x3fff_ffff;

/** Returns true for a property to omit. */
export type Redacts = (object: object, name: string) => boolean;

/** The rules for encoding a value. */
export interface EncodeRules {
  /** Returns the registered name of a prototype's class; without it, no class is known. */
  readonly classNameOf?: ((prototype: object) => string | undefined) | undefined;
  /** GraphQL types of plain objects that an operator has named. */
  readonly typeNames?: ReadonlyMap<object, string> | undefined;
  /** Objects with a meaning of their own that a copy would lose, such as the values of enums. */
  readonly identities?: ReadonlySet<object> | undefined;
  readonly redacts?: Redacts | undefined;
}

/**
 * Encodes plain data, one value after the other, and remembers the objects and names that it has written.
 *
 * Invariant: no code of a value runs. Accessors are not called, promises are neither awaited nor
 * created, and each property is read once; a value that needs more than that is refused.
 */
export class Encoder {
  readonly #writer: ByteWriter;
  readonly #rules: EncodeRules;
  /** Objects, numbered in the order in which they begin, as in the decoder. */
  readonly #seen = new Numbering<object>();
  readonly #names = new Numbering<string>();

  constructor(writer: ByteWriter, rules: EncodeRules) {
    this.#writer = writer;
    this.#rules = rules;
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
        // Base 16 takes linear time in both directions.
        this.#writer.text(value.toString(16));
        return;
      case 'object':
        if (value !== null) this.#object(value, depth);
        else this.#writer.byte(TAG.null);
        return;
      default:
        throw new NotPlainError(`a ${typeof value}`);
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
    // This check comes first: any other operation on a proxy runs code.
    if (types.isProxy(value)) throw new NotPlainError('a Proxy');
    if (this.#rules.identities?.has(value) === true) {
      throw new NotPlainError('an object that is the value of an enum');
    }
    if (Array.isArray(value)) {
      if (this.#begin(value, TAG.array, depth)) this.#array(value, depth);
    } else if (this.#rules.typeNames?.has(value) === true) {
      if (!this.#begin(value, TAG.typed, depth)) return;
      this.#name(this.#rules.typeNames.get(value) ?? '');
      this.#members(value, depth);
    } else if (isPlainObject(value)) {
      const tag = Object.getPrototypeOf(value) === null ? TAG.bareObject : TAG.object;
      if (this.#begin(value, tag, depth)) this.#members(value, depth);
    } else {
      this.#instance(value, depth);
    }
  }

  #instance(value: object, depth: number): void {
    const className = this.#rules.classNameOf?.(Object.getPrototypeOf(value) as object);
    if (className !== undefined) {
      if (!this.#begin(value, TAG.instance, depth)) return;
      this.#name(className);
      this.#members(value, depth);
      return;
    }
    const kind = builtInOf(value);
    if (kind === undefined) throw new NotPlainError(describe(value));
    // A built-in object is plain if it has no properties besides its contents.
    if (!hasContentsOnly(value)) {
      throw new NotPlainError(`${describe(value)} with properties of its own`);
    }
    this.#builtIn(value, kind, depth);
  }

  #builtIn(value: object, kind: BuiltIn, depth: number): void {
    switch (kind) {
      case 'Date':
        this.#writer.byte(TAG.date);
        this.#writer.double(Date.prototype.getTime.call(value));
        return;
      case 'Set':
        if (!this.#begin(value, TAG.set, depth)) return;
        this.#items([...Set.prototype.values.call(value)], depth);
        return;
      case 'Map':
        if (!this.#begin(value, TAG.map, depth)) return;
        this.#items(this.#entries(value).flat(), depth);
        return;
      default:
        this.#bytes(value as ArrayBuffer | ArrayBufferView, kind);
    }
  }

  /** Starts an object that others may refer to. @returns `false` if it was written before */
  #begin(object: object, tag: number, depth: number): boolean {
    const number = this.#seen.meet(object);
    if (number !== undefined) {
      this.#writer.byte(TAG.seen);
      this.#writer.integer(number);
      return false;
    }
    if (depth >= DEPTH_MAX) throw new NotPlainError(`more than ${DEPTH_MAX} levels`);
    this.#writer.byte(tag);
    return true;
  }

  /** Writes an array, which is plain if it has no holes and no properties besides its items. */
  #array(array: readonly unknown[], depth: number): void {
    if (!isArrayPrototype(Object.getPrototypeOf(array))) {
      throw new NotPlainError(`${describe(array)} that extends Array`);
    }
    // One name for every item, and `length`.
    const names = Object.getOwnPropertyNames(array).length;
    if (names !== array.length + 1 || Object.getOwnPropertySymbols(array).length > 0) {
      throw new NotPlainError('an array with holes or properties');
    }
    this.#writer.integer(array.length);
    for (let index = 0; index < array.length; index += 1) {
      const property = Object.getOwnPropertyDescriptor(array, index);
      if (property === undefined || !('value' in property)) {
        throw new NotPlainError('a getter').under(`[${index}]`);
      }
      this.#member(`[${index}]`, property.value, depth);
    }
  }

  #members(object: object, depth: number): void {
    const { redacts } = this.#rules;
    // A symbol is there to be read again, and cannot be written.
    if (Object.getOwnPropertySymbols(object).length > 0) {
      throw new NotPlainError(`${describe(object)} with a property under a symbol`);
    }
    const names = Object.getOwnPropertyNames(object);
    const values: unknown[] = [];
    for (const name of names) {
      const property = Object.getOwnPropertyDescriptor(object, name);
      if (property === undefined) throw new NotPlainError('an unusual object');
      if (!('value' in property)) throw new NotPlainError('a getter').under(name);
      if (property.enumerable !== true) throw new NotPlainError('a hidden property').under(name);
      if (redacts?.(object, name) === true) continue;
      // The names that stay move to the front, beside their values.
      names[values.length] = name;
      values.push(property.value);
    }
    this.#writer.integer(values.length);
    for (let index = 0; index < values.length; index += 1) {
      const name = names[index] ?? '';
      this.#name(name);
      this.#member(name, values[index], depth);
    }
  }

  /** Writes the value of `name`; an error names the path. */
  #member(name: string, value: unknown, depth: number): void {
    try {
      this.value(value, depth + 1);
    } catch (error) {
      throw error instanceof UnfaithfulValueError ? error.under(name) : error;
    }
  }

  #items(items: readonly unknown[], depth: number): void {
    this.#writer.integer(items.length);
    items.forEach((item, index) => {
      this.#member(`[${index}]`, item, depth);
    });
  }

  /** The entries to write: `redacts` applies to string keys of a Map as to properties. */
  #entries(map: object): [unknown, unknown][] {
    const { redacts } = this.#rules;
    const entries = [...Map.prototype.entries.call(map)] as [unknown, unknown][];
    return redacts === undefined
      ? entries
      : entries.filter(([key]) => typeof key !== 'string' || !redacts(map, key));
  }

  /** Writes a name once and then its number: objects in a list share their names. */
  #name(name: string): void {
    const number = this.#names.meet(name);
    if (number !== undefined) {
      this.#writer.integer(number + 1);
      return;
    }
    this.#writer.integer(0);
    this.#writer.text(name);
  }

  #bytes(
    value: ArrayBuffer | ArrayBufferView,
    kind: Exclude<BuiltIn, 'Date' | 'Map' | 'Set'>,
  ): void {
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value);
    this.#writer.byte(TAG.bytes);
    this.#writer.byte(BYTES_KINDS.indexOf(kind));
    this.#writer.integer(bytes.length);
    this.#writer.raw(bytes);
  }
}
