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
  /** An instance of a registered class. */
  instance: 11,
  map: 12,
  set: 13,
  date: 14,
  bytes: 15,
  /** An object that stood earlier: shared, or around this one. */
  seen: 16,
  /** An object of a GraphQL type, as an operator wrote it. */
  typed: 17,
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

/** A built-in class whose instances are plain data. */
export type BuiltIn = 'Date' | 'Map' | 'Set' | (typeof BYTES_KINDS)[number];

const BUILT_INS: ReadonlyMap<object, BuiltIn> = new Map<object, BuiltIn>([
  [Date.prototype, 'Date'],
  [Map.prototype, 'Map'],
  [Set.prototype, 'Set'],
  ...BYTES_KINDS.map((kind): [object, BuiltIn] => [globalThis[kind].prototype as object, kind]),
]);

/**
 * Which built-in class an object is an instance of. Instances of subclasses are not, nor are objects
 * that only borrow a prototype: both could answer differently from what is written of them.
 */
export function builtInOf(value: object): BuiltIn | undefined {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || types.isProxy(prototype)) return undefined;
  const known = BUILT_INS.get(prototype) ?? foreignBuiltIn(prototype);
  switch (known) {
    case undefined:
      return undefined;
    case 'Date':
      return types.isDate(value) ? known : undefined;
    case 'Map':
      return types.isMap(value) ? known : undefined;
    case 'Set':
      return types.isSet(value) ? known : undefined;
    default:
      return ArrayBuffer.isView(value) || types.isArrayBuffer(value) ? known : undefined;
  }
}

/** The same class of another realm, such as a `vm` context: its constructor is native as well. */
function foreignBuiltIn(prototype: object): BuiltIn | undefined {
  const constructor = constructorOf(prototype);
  const name = constructor && nameOf(constructor);
  if (constructor === undefined || name === undefined) return undefined;
  const known = [...BUILT_INS.values()].find((kind) => kind === name);
  if (known === undefined) return undefined;
  const native = /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(constructor));
  return native && constructor.prototype === prototype ? known : undefined;
}

/** An object as a message names it: `an instance of Model`. No code of it runs. */
export function describe(value: object): string {
  if (types.isPromise(value)) return 'a promise';
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || types.isProxy(prototype)) return 'an unusual object';
  const constructor = constructorOf(prototype);
  const name = constructor && nameOf(constructor);
  return name === undefined ? 'an unusual object' : `an instance of ${name}`;
}

function constructorOf(prototype: object): (new () => object) | undefined {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof constructor !== 'function' || types.isProxy(constructor)) return undefined;
  return constructor as new () => object;
}

function nameOf(constructor: object): string | undefined {
  const name: unknown = Object.getOwnPropertyDescriptor(constructor, 'name')?.value;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
