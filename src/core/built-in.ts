import { isPlainObject } from './plain-object.js';

/**
 * Whether an object has nothing that its canonical form would not show: it is of a built-in class itself,
 * and not of one derived from it, and has no properties beside its contents.
 */
export function hasNothingElse(value: object): boolean {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    // Of the 11 kinds of typed arrays, or a Buffer.
    return levelsAbove(value) === (Buffer.isBuffer(value) ? 4 : 3);
  }
  const own = Reflect.ownKeys(value).length;
  if (isPlainObject(value)) return own === Object.keys(value).length;
  if (levelsAbove(value) !== 2) return false;
  return own === (Array.isArray(value) ? Object.keys(value).length + 1 : 0);
}

function levelsAbove(value: object): number {
  let levels = 0;
  let level: unknown = Object.getPrototypeOf(value);
  for (; level !== null; level = Object.getPrototypeOf(level)) levels += 1;
  return levels;
}
