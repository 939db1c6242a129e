import { hash } from 'node:crypto';
import { types } from 'node:util';
import { isPlainObject } from './plain-object.js';
import { isWellFormed } from './well-formed.js';

/** Deeper arguments are refused. */
const ARGUMENT_DEPTH_MAX = 64;
/** Arguments with a longer canonical form are refused, in characters. */
const ARGUMENT_LENGTH_MAX = 1_048_576;

/** Arguments that cannot be compared with others. The message is fit for clients. */
export class UncanonicalValueError extends Error {
  override readonly name = 'UncanonicalValueError';

  /**
   * @param path - where it stands, as in `input.items`; empty for all arguments together
   * @param problem - what is wrong with it, as in `is too deep`
   */
  constructor(path: string, problem: string) {
    super(`${path === '' ? 'The arguments' : `The argument "${path}"`} ${problem}.`);
  }
}

/**
 * SHA-256 of a value's canonical form, base64url: equal for values that mean the same, different
 * for all others.
 *
 * Every value is written with its type and, if its end cannot be seen, its length: `1` is not `"1"`.
 * Object keys are in the order of their code units. `-0` is `0`; a property that is undefined is
 * absent; null is not.
 *
 * @throws UncanonicalValueError when the value is too deep, too large, cyclic, or not plain data
 */
export function fingerprintOf(value: unknown): string {
  const writer = new CanonicalWriter({ charactersLeft: ARGUMENT_LENGTH_MAX });
  writer.value(value, '', 0);
  return hash('sha256', writer.text, 'base64url');
}

class CanonicalWriter {
  text = '';
  readonly #budget: { charactersLeft: number };

  constructor(budget: { charactersLeft: number }) {
    this.#budget = budget;
  }

  value(value: unknown, path: string, depth: number): void {
    switch (typeof value) {
      case 'string':
        this.string(value, path);
        return;
      case 'number':
        if (!Number.isFinite(value)) throw new UncanonicalValueError(path, 'is not a number');
        // String(-0) is "0".
        this.write(`n${String(value)};`, path);
        return;
      case 'boolean':
        this.write(value ? 't' : 'f', path);
        return;
      case 'bigint':
        this.write(`i${String(value)};`, path);
        return;
      case 'object':
        if (value === null) this.write('z', path);
        else this.object(value, path, depth);
        return;
      default:
        throw new UncanonicalValueError(path, `contains ${typeof value}, which is no data`);
    }
  }

  string(text: string, path: string): void {
    // In UTF-8 two different ones would look the same.
    if (!isWellFormed(text)) {
      throw new UncanonicalValueError(path, 'has half of a surrogate pair in it');
    }
    this.write(`s${text.length}:`, path);
    this.write(text, path);
  }

  object(value: object, path: string, depth: number): void {
    // Also what ends a cycle.
    if (depth >= ARGUMENT_DEPTH_MAX) throw new UncanonicalValueError(path, 'is too deep');
    const below = depth + 1;
    if (Array.isArray(value)) {
      this.write('[', path);
      // By index: a hole in an array is as undefined as an item.
      for (let index = 0; index < value.length; index += 1) this.value(value[index], path, below);
      this.write(']', path);
    } else if (types.isMap(value)) {
      this.sorted('(', value.entries(), path, ([key, item], writer) => {
        writer.value(key, path, below);
        writer.value(item, typeof key === 'string' ? pathOf(path, key) : path, below);
      });
    } else if (types.isSet(value)) {
      this.sorted('<', value.values(), path, (item, writer) => {
        writer.value(item, path, below);
      });
    } else if (types.isDate(value)) {
      const time = value.getTime();
      if (Number.isNaN(time)) throw new UncanonicalValueError(path, 'is not a date');
      this.write(`d${String(time)};`, path);
    } else if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
      this.bytes(value, path);
    } else if (isPlainObject(value)) {
      this.members(value, path, below);
    } else {
      throw new UncanonicalValueError(path, 'is not plain data, so it cannot be compared');
    }
  }

  members(value: object, path: string, depth: number): void {
    this.write('{', path);
    for (const name of Object.keys(value).sort()) {
      const member = (value as Record<string, unknown>)[name];
      if (member === undefined) continue;
      const memberPath = pathOf(path, name);
      this.string(name, memberPath);
      this.value(member, memberPath, depth);
    }
    this.write('}', path);
  }

  /** A Map or a Set: the order in which its items were added does not count. */
  sorted<T>(
    start: '(' | '<',
    items: Iterable<T>,
    path: string,
    write: (item: T, writer: CanonicalWriter) => void,
  ): void {
    const texts = Array.from(items, (item) => {
      const writer = new CanonicalWriter(this.#budget);
      write(item, writer);
      return writer.text;
    });
    this.write(start, path);
    this.text += texts.sort().join('');
    this.write('>', path);
  }

  bytes(value: ArrayBufferView | ArrayBufferLike, path: string): void {
    const view = ArrayBuffer.isView(value);
    const bytes = view
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      : Buffer.from(value);
    // A Buffer is a Uint8Array: which of the two a scalar makes is its own affair.
    const kind = Buffer.isBuffer(value) ? 'Uint8Array' : value.constructor.name;
    this.write(`b${kind}:${bytes.length}:`, path);
    this.write(bytes.toString('base64'), path);
  }

  write(text: string, path: string): void {
    this.#budget.charactersLeft -= text.length;
    if (this.#budget.charactersLeft < 0) throw new UncanonicalValueError(path, 'is too large');
    this.text += text;
  }
}

function pathOf(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}
