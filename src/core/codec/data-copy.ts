import { types } from 'node:util';
import { builtInOf } from '../values/built-in.js';
import { isPlainObject } from '../values/plain-object.js';
import { NotPlainError, UnfaithfulValueError } from './errors.js';
import { describe, DEPTH_MAX } from './tags.js';

/**
 * Copies a value as plain data. Of an instance of any class, it copies the own enumerable properties with
 * string names, as `JSON.stringify` sees them. Built-in dates, maps, sets and bytes are kept.
 *
 * @param classNameOf - classes whose instances are kept as they are
 * @throws NotPlainError for a value without data: a function, a promise, a getter, an error, or an object
 * whose contents are hidden
 */
export function dataOf(
  value: unknown,
  classNameOf: (prototype: object) => string | undefined,
): unknown {
  return new DataCopy(classNameOf).copy(value, 0);
}

class DataCopy {
  readonly #classNameOf: (prototype: object) => string | undefined;
  readonly #copies = new Map<object, object>();

  constructor(classNameOf: (prototype: object) => string | undefined) {
    this.#classNameOf = classNameOf;
  }

  copy(value: unknown, depth: number): unknown {
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw new NotPlainError(`a ${typeof value}`);
    }
    if (typeof value !== 'object' || value === null) return value;
    if (depth > DEPTH_MAX) throw new NotPlainError(`more than ${DEPTH_MAX} levels`);
    const before = this.#copies.get(value);
    return before ?? this.#copyObject(value, depth + 1);
  }

  #copyObject(value: object, depth: number): object {
    if (types.isPromise(value)) throw new NotPlainError('a promise');
    if (Array.isArray(value)) return this.#copyArray(value, depth);
    if (types.isMap(value)) return this.#copyMap(value, depth);
    if (types.isSet(value)) return this.#copySet(value, depth);
    if (types.isDate(value)) return new Date(Date.prototype.getTime.call(value));
    if (builtInOf(value) !== undefined) return value;
    return this.#copyProperties(value, depth);
  }

  #copyArray(value: readonly unknown[], depth: number): object {
    const copy: unknown[] = [];
    this.#copies.set(value, copy);
    for (let index = 0; index < value.length; index += 1) {
      copy.push(this.#property(value, String(index), `[${index}]`, depth));
    }
    return copy;
  }

  #copyMap(value: ReadonlyMap<unknown, unknown>, depth: number): object {
    const copy = new Map();
    this.#copies.set(value, copy);
    const entries = Map.prototype.entries.call(value) as Iterable<[unknown, unknown]>;
    for (const [key, item] of entries) copy.set(this.copy(key, depth), this.copy(item, depth));
    return copy;
  }

  #copySet(value: ReadonlySet<unknown>, depth: number): object {
    const copy = new Set();
    this.#copies.set(value, copy);
    const items = Set.prototype.values.call(value) as Iterable<unknown>;
    for (const item of items) copy.add(this.copy(item, depth));
    return copy;
  }

  #copyProperties(value: object, depth: number): object {
    const names = Object.keys(value);
    const prototype = Object.getPrototypeOf(value) as object | null;
    const isPlain = isPlainObject(value);
    // A regular expression or a URL would silently become an empty object.
    if (!isPlain && (types.isNativeError(value) || names.length === 0)) {
      throw new NotPlainError(describe(value));
    }
    const isKept = !isPlain && prototype !== null && this.#classNameOf(prototype) !== undefined;
    const copy = Object.create(isKept ? prototype : Object.prototype) as object;
    this.#copies.set(value, copy);
    for (const name of names) {
      const item = this.#property(value, name, name, depth);
      const property = { value: item, enumerable: true, configurable: true, writable: true };
      Object.defineProperty(copy, name, property);
    }
    return copy;
  }

  #property(object: object, name: string, place: string, depth: number): unknown {
    const property = Object.getOwnPropertyDescriptor(object, name);
    if (property !== undefined && !('value' in property)) {
      throw new NotPlainError('a getter').under(place);
    }
    try {
      return this.copy(property?.value, depth);
    } catch (error) {
      throw error instanceof UnfaithfulValueError ? error.under(place) : error;
    }
  }
}
