import { types } from 'node:util';

/** The first byte of every encoded value. A tag never changes its meaning; new ones come last. */
export const TAG = Object.freeze({
  null: 0,
  undefined: 1,
  false: 2,
  true: 3,
  int: 4,
  double: 5,
  bigint: 6,
  string: 7,
  array: 8,
  object: 9,
  bareObject: 10,
  typedObject: 11,
  map: 12,
  set: 13,
  date: 14,
  bytes: 15,
  error: 16,
  leaf: 17,
  /** An object that stood earlier: shared, or around this one. */
  seen: 18,
  fulfilled: 19,
  rejected: 20,
});

/** How the bytes of a text are to be read: two bits beside its length. */
export const TEXT = Object.freeze({ ascii: 0, utf8: 1, utf16: 2 });

/** Kinds of bytes; their place in this list is written. New ones come last. */
export const BYTES_KINDS = Object.freeze([
  'Buffer',
  'ArrayBuffer',
  'DataView',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const);

/** Values nested deeper are neither written nor read: the stack is finite. */
export const DEPTH_MAX = 500;

/** The name of the class that an object is an instance of, if its class has one. */
export function classNameOf(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  const name = prototype?.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** A built-in class whose instances the codec keeps. */
export type BuiltIn = 'Date' | 'Map' | 'Set' | 'Error' | 'Bytes';

/**
 * Which built-in class an object is an instance of. Instances of subclasses are not: their methods
 * would be lost. Errors are the exception, because only what they say is ever answered.
 */
export function builtInOf(value: object): BuiltIn | undefined {
  if (value instanceof Error || types.isNativeError(value)) return 'Error';
  const name = classNameOf(value);
  if (types.isDate(value)) return name === 'Date' ? name : undefined;
  if (types.isMap(value)) return name === 'Map' ? name : undefined;
  if (types.isSet(value)) return name === 'Set' ? name : undefined;
  const bytes = ArrayBuffer.isView(value) || types.isArrayBuffer(value);
  return bytes && (BYTES_KINDS as readonly unknown[]).includes(name) ? 'Bytes' : undefined;
}
