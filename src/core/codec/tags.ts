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
  /** A reference to an earlier object: a shared one, or one that contains this one. */
  seen: 16,
  /** An object of a GraphQL type that an operator has named. */
  typed: 17,
});

/** The encoding of a text: two bits next to its length. */
export const TEXT = Object.freeze({ ascii: 0, utf8: 1, utf16: 2 });

/** The deepest nesting that is written or read, because the stack is limited. */
export const DEPTH_MAX = 500;

/** Describes an object for a message: `an instance of Model`. None of its code runs. */
export function describe(value: object): string {
  if (types.isPromise(value)) return 'a promise';
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || types.isProxy(prototype)) return 'an unusual object';
  const constructor = constructorOf(prototype);
  const name = constructor && nameOf(constructor);
  return name === undefined ? 'an unusual object' : `an instance of ${name}`;
}
