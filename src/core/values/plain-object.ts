import { types } from 'node:util';

/**
 * Whether a value is a plain object: made by a literal, by `JSON.parse` or without a prototype, also
 * in another realm such as a `vm` context. Arrays and class instances are not.
 */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || isObjectPrototype(prototype);
}

/** Whether it is `Array.prototype`, of this realm or another one. */
export function isArrayPrototype(prototype: unknown): boolean {
  if (prototype === Array.prototype) return true;
  return Array.isArray(prototype) && isObjectPrototype(Object.getPrototypeOf(prototype));
}

/** Whether it is `Object.prototype`, of this realm or another one. */
function isObjectPrototype(prototype: unknown): boolean {
  if (prototype === Object.prototype) return true;
  // A proxy would answer with code of its own.
  if (types.isProxy(prototype)) return false;
  // Another realm's: it ends the chain, and has what only that one has.
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  );
}
