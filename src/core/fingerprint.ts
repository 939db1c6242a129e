import { types } from 'node:util';
import { digestOf, type DigestSecret } from './crypto/digest.js';
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

/** What a schema knows of a value that the value itself does not show. Readings may be cyclic. */
export interface Reading {
  /** Of a scalar or an enum value: the form that equal ones share. What it throws is not told. */
  readonly leaf?: ((value: unknown) => unknown) | undefined;
  /** Of a list: how its items are read. */
  readonly items?: Reading | undefined;
  /** Of an object: how its members are read; those that are `'omitted'` do not count. */
  readonly members?: ReadonlyMap<string, Reading | 'omitted'> | undefined;
}

/**
 * Digest of a value's canonical form, SHA-256 in base64url, keyed if there is a secret: equal for
 * values that mean the same, different for all others.
 *
 * Every value is written with its type and, if its end cannot be seen, its length: `1` is not `"1"`.
 * Object keys are in the order of their code units. `-0` is `0`; a property that is undefined is
 * absent; null is not.
 *
 * @throws UncanonicalValueError when the value is too deep, too large, cyclic, or not plain data
 */
export function fingerprintOf(value: unknown, reading?: Reading, secret?: DigestSecret): string {
  const writer = new CanonicalWriter({ charactersLeft: ARGUMENT_LENGTH_MAX, path: [] });
  writer.value(value, 0, reading);
  return digestOf(writer.text, secret);
}

/** What the writers of one value share. */
interface Progress {
  charactersLeft: number;
  /** The members that are being written, from the outside in. */
  readonly path: string[];
}

class CanonicalWriter {
  text = '';
  readonly #progress: Progress;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  value(value: unknown, depth: number, reading?: Reading): void {
    const { leaf } = reading ?? {};
    const plain = leaf === undefined || value === null ? value : this.#read(leaf, value);
    switch (typeof plain) {
      case 'string':
        this.#string(plain);
        return;
      case 'number':
        if (!Number.isFinite(plain)) throw this.#uncanonical('is not a number');
        // String(-0) is "0".
        this.#write(`n${String(plain)};`);
        return;
      case 'boolean':
        this.#write(plain ? 't' : 'f');
        return;
      case 'bigint':
        this.#write(`i${String(plain)};`);
        return;
      case 'object':
        if (plain === null) this.#write('z');
        else this.#object(plain, depth, reading);
        return;
      default:
        throw this.#uncanonical(`contains ${typeof plain}, which is no data`);
    }
  }

  #read(leaf: (value: unknown) => unknown, value: unknown): unknown {
    try {
      return leaf(value);
    } catch {
      throw this.#uncanonical('cannot be serialized, so it cannot be compared');
    }
  }

  #string(text: string): void {
    // In UTF-8 two different ones would look the same.
    if (!isWellFormed(text)) throw this.#uncanonical('has half of a surrogate pair in it');
    this.#write(`s${text.length}:${text}`);
  }

  #object(value: object, depth: number, reading: Reading | undefined): void {
    // Also what ends a cycle.
    if (depth >= ARGUMENT_DEPTH_MAX) throw this.#uncanonical('is too deep');
    const below = depth + 1;
    if (Array.isArray(value)) {
      this.#write('[');
      // By index: a hole in an array is as undefined as an item.
      for (let index = 0; index < value.length; index += 1) {
        this.value(value[index], below, reading?.items);
      }
      this.#write(']');
    } else if (reading?.members !== undefined || isPlainObject(value)) {
      this.#members(value, below, reading?.members);
    } else if (types.isMap(value)) {
      this.#sorted('(', value.entries(), ([key, item], writer) => {
        writer.value(key, below);
        if (typeof key === 'string') writer.#member(key, item, below);
        else writer.value(item, below);
      });
    } else if (types.isSet(value)) {
      this.#sorted('<', value.values(), (item, writer) => {
        writer.value(item, below);
      });
    } else if (types.isDate(value)) {
      const time = value.getTime();
      if (Number.isNaN(time)) throw this.#uncanonical('is not a date');
      this.#write(`d${String(time)};`);
    } else if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
      this.#bytes(value);
    } else {
      throw this.#uncanonical('is not plain data, so it cannot be compared');
    }
  }

  #members(value: object, depth: number, readings: Reading['members']): void {
    this.#write('{');
    for (const name of sortedNames(value)) {
      const member = (value as Record<string, unknown>)[name];
      const reading = readings?.get(name);
      if (member === undefined || reading === 'omitted') continue;
      this.#progress.path.push(name);
      this.#string(name);
      this.value(member, depth, reading);
      this.#progress.path.pop();
    }
    this.#write('}');
  }

  #member(name: string, value: unknown, depth: number, reading?: Reading): void {
    this.#progress.path.push(name);
    this.value(value, depth, reading);
    this.#progress.path.pop();
  }

  /** A Map or a Set: the order in which its items were added does not count. */
  #sorted<T>(
    start: '(' | '<',
    items: Iterable<T>,
    write: (item: T, writer: CanonicalWriter) => void,
  ): void {
    const texts = Array.from(items, (item) => {
      const writer = new CanonicalWriter(this.#progress);
      write(item, writer);
      return writer.text;
    });
    this.#write(start);
    this.text += texts.sort().join('');
    this.#write('>');
  }

  #bytes(value: ArrayBufferView | ArrayBufferLike): void {
    const view = ArrayBuffer.isView(value);
    const bytes = view
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      : Buffer.from(value);
    // A Buffer is a Uint8Array: which of the two a scalar makes is its own affair.
    const kind = Buffer.isBuffer(value) ? 'Uint8Array' : value.constructor.name;
    this.#write(`b${kind}:${bytes.length}:`);
    this.#write(bytes.toString('base64'));
  }

  #write(text: string): void {
    this.#progress.charactersLeft -= text.length;
    if (this.#progress.charactersLeft < 0) throw this.#uncanonical('is too large');
    this.text += text;
  }

  #uncanonical(problem: string): UncanonicalValueError {
    return new UncanonicalValueError(this.#progress.path.join('.'), problem);
  }
}

const FEW_NAMES = 16;

/** An object's own names in the order of their code units. */
function sortedNames(value: object): string[] {
  const names = Object.keys(value);
  if (names.length > FEW_NAMES) return names.sort();
  // Insertion sort: for a few it needs no memory, and the usual order is nearly right.
  for (let end = 1; end < names.length; end += 1) {
    const name = names[end] ?? '';
    let at = end;
    for (; at > 0 && (names[at - 1] ?? '') > name; at -= 1) names[at] = names[at - 1] ?? '';
    names[at] = name;
  }
  return names;
}
