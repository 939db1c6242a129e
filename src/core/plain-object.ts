/**
 * Whether a value is a plain object: made by a literal, by `JSON.parse` or without a prototype, also
 * in another realm such as a `vm` context. Arrays and class instances are not.
 */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  // Another realm's Object.prototype: it ends the chain, and has what only that one has.
  return (
    typeof prototype === 'object' &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'isPrototypeOf')
  );
}
