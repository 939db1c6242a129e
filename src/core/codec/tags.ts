import { types } from 'node:util';

import { constructorOf, nameOf } from '../values/built-in.js';

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

/** Values nested deeper are neither written nor read: the stack is finite. */
export const DEPTH_MAX = 500;

/** An object as a message names it: `an instance of Model`. No code of it runs. */
export function describe(value: object): string {
  if (types.isPromise(value)) return 'a promise';
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || types.isProxy(prototype)) return 'an unusual object';
  const constructor = constructorOf(prototype);
  const name = constructor && nameOf(constructor);
  return name === undefined ? 'an unusual object' : `an instance of ${name}`;
}
