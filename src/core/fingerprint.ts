import { types } from 'node:util';
import { digestOf, type DigestSecret } from './crypto/digest.js';
import { hasNothingElse } from './values/built-in.js';
import { isPlainObject } from './values/plain-object.js';
import { sortedNames } from './values/sorted-names.js';
import { isWellFormed } from './values/well-formed.js';

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

/** The schema's knowledge of a value that the value itself does not show. Readings may be cyclic. */
export interface Reading {
  /** Of a scalar or an enum value: the form that equal ones share. What it throws is not told. */
  readonly leaf?: ((value: unknown) => unknown) | undefined;
  /** Of a list: how its items are read. */
  readonly items?: Reading | undefined;
  /** Of an object: how its members are read; those that are `'omitted'` do not count. */
  readonly members?: ReadonlyMap<string, Reading | 'omitted'> | undefined;
}

/**
 * The client's input for the parts of a value that are not compared as they are: canonical texts, in
 * the structure of the value.
 */
export type Sent = string | readonly (Sent | undefined)[] | ReadonlyMap<string, Sent>;

/**
 * The canonical form of plain data, in which also -0 differs from 0.
 *
 * @param path - where it stands
 * @param depth - how many levels are above it
 * @throws UncanonicalValueError when the value is too deep, too large, cyclic, or not plain data
 */
export function canonicalOf(value: unknown, path: readonly string[], depth: number): string {
  const progress = { charactersLeft: ARGUMENT_LENGTH_MAX, path: [...path], isExact: true };
  const writer = new CanonicalWriter(progress);
  writer.value(value, depth);
  return writer.text;
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
export function fingerprintOf(
  value: unknown,
  reading?: Reading,
  secret?: DigestSecret,
  sent?: Sent,
): string {
  const progress = { charactersLeft: ARGUMENT_LENGTH_MAX, path: [], isExact: false };
  const writer = new CanonicalWriter(progress);
  writer.value(value, 0, reading, sent);
  return digestOf(writer.text, secret);
}

/** The state that the writers of one value share. */
interface Progress {
  charactersLeft: number;
  /** The members that are being written, from the outside in. */
  readonly path: string[];
  /** Whether -0 is not 0. */
  readonly isExact: boolean;
}

class CanonicalWriter {
  text = '';
  readonly #progress: Progress;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  value(value: unknown, depth: number, reading?: Reading, sent?: Sent): void {
    if (typeof sent === 'string') {
      this.#write(`@${sent}`);
      return;
    }
    const { leaf } = reading ?? {};
    const plain = leaf === undefined || value === null ? value : this.#read(leaf, value);
    switch (typeof plain) {
      case 'string':
        this.#string(plain);
        return;
      case 'number':
        if (!Number.isFinite(plain)) throw this.#uncanonical('is not a number');
        // String(-0) is "0".
        this.#write(this.#progress.isExact && Object.is(plain, -0) ? 'n-0;' : `n${String(plain)};`);
        return;
      case 'boolean':
        this.#write(plain ? 't' : 'f');
        return;
      case 'bigint':
        this.#write(`i${String(plain)};`);
        return;
      case 'object':
        if (plain === null) this.#write('z');
        else this.#object(plain, depth, reading, sent);
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

  #object(
    value: object,
    depth: number,
    reading: Reading | undefined,
    sent: Exclude<Sent, string> | undefined,
  ): void {
    // Also what ends a cycle.
    if (depth >= ARGUMENT_DEPTH_MAX) throw this.#uncanonical('is too deep');
    const below = depth + 1;
    if (reading?.members === undefined && !hasNothingElse(value)) {
      throw this.#uncanonical('is not plain data, so it cannot be compared');
    }
    if (Array.isArray(value)) {
      const items = Array.isArray(sent) ? (sent as readonly (Sent | undefined)[]) : [];
      this.#write('[');
      // By index: a hole in an array is as undefined as an item.
      for (let index = 0; index < value.length; index += 1) {
        this.value(value[index], below, reading?.items, items[index]);
      }
      this.#write(']');
    } else if (reading?.members !== undefined || isPlainObject(value)) {
      this.#members(value, below, reading?.members, sent instanceof Map ? sent : undefined);
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

  #members(
    value: object,
    depth: number,
    readings: Reading['members'],
    sent: ReadonlyMap<string, Sent> | undefined,
  ): void {
    this.#write('{');
    for (const name of sortedNames(value)) {
      const member = (value as Record<string, unknown>)[name];
      const reading = readings?.get(name);
      if (member === undefined || reading === 'omitted') continue;
      this.#progress.path.push(name);
      this.#string(name);
      this.value(member, depth, reading, sent?.get(name));
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
