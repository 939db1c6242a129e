import { types } from 'node:util';

import { isArrayPrototype, isPlainObject } from './plain-object.js';

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

/**
 * The names of a typed array can only be listed with those of its elements, which takes most of a second
 * for a MiB of bytes.
 */
const LISTED_ELEMENTS_MAX = 16_384;

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

/**
 * Whether an object has nothing that its canonical form would not show: it is of a built-in class itself,
 * and not of one derived from it, and has no properties beside its contents.
 */
export function hasNothingElse(value: object): boolean {
  if (isPlainObject(value)) return hasOwnOnly(value, Object.keys(value).length);
  if (Array.isArray(value)) {
    const isArray = isArrayPrototype(Object.getPrototypeOf(value));
    return isArray && hasOwnOnly(value, Object.keys(value).length + 1);
  }
  if (builtInOf(value) === undefined) return false;
  // Arguments may be files, and each byte would be a name to list.
  return types.isTypedArray(value) || hasContentsOnly(value);
}

/**
 * Whether an instance of a built-in class has no properties beside its contents. A typed array of more
 * than {@link LISTED_ELEMENTS_MAX} elements is not searched for them.
 */
export function hasContentsOnly(value: object): boolean {
  if (!types.isTypedArray(value)) return hasOwnOnly(value, 0);
  return value.length > LISTED_ELEMENTS_MAX || hasOwnOnly(value, value.length);
}

function hasOwnOnly(value: object, count: number): boolean {
  return Reflect.ownKeys(value).length === count;
}

/** The class that a prototype names, without calling any of its code. */
export function constructorOf(prototype: object): (new () => object) | undefined {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof constructor !== 'function' || types.isProxy(constructor)) return undefined;
  return constructor as new () => object;
}

/** The name of a class, without calling any of its code. */
export function nameOf(constructor: object): string | undefined {
  const name: unknown = Object.getOwnPropertyDescriptor(constructor, 'name')?.value;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
