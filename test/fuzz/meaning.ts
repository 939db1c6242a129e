import { isDeepStrictEqual, types } from 'node:util';

/**
 * Whether two values are the same arguments, by the book and without any canonical form: slow, and
 * written without a look at the code it is compared with.
 */
export function meansTheSame(one: unknown, two: unknown): boolean {
  if (typeof one === 'number' && typeof two === 'number') return one === two;
  if (typeof one !== 'object' || typeof two !== 'object' || one === null || two === null) {
    return one === two;
  }
  const kind = kindOf(one);
  if (kind !== kindOf(two)) return false;
  switch (kind) {
    case 'list':
      return sameList(one as unknown[], two as unknown[]);
    case 'Date':
      return (one as Date).getTime() === (two as Date).getTime();
    case 'Map':
      return sameBag([...(one as Map<unknown, unknown>)], [...(two as Map<unknown, unknown>)]);
    case 'Set':
      return sameBag([...(one as Set<unknown>)], [...(two as Set<unknown>)]);
    case 'object':
      return sameMembers(one as Members, two as Members);
    default:
      return isDeepStrictEqual(bytesOf(one), bytesOf(two));
  }
}

type Members = Readonly<Record<string, unknown>>;

/** A `Buffer` is a `Uint8Array`; every other kind of bytes is its own. */
function kindOf(value: object): string {
  if (Array.isArray(value)) return 'list';
  if (Buffer.isBuffer(value)) return 'Uint8Array';
  for (const Class of [Date, Map, Set]) if (value instanceof Class) return Class.name;
  // The memory of a typed array can be of another realm.
  if (types.isAnyArrayBuffer(value)) return value.constructor.name;
  return ArrayBuffer.isView(value) ? value.constructor.name : 'object';
}

function sameList(one: readonly unknown[], two: readonly unknown[]): boolean {
  return one.length === two.length && one.every((item, index) => meansTheSame(item, two[index]));
}

/** The same items, as many times each, in any order. */
function sameBag(one: readonly unknown[], two: readonly unknown[]): boolean {
  const left = [...two];
  return (
    one.length === two.length &&
    one.every((item) => {
      const match = left.findIndex((candidate) => meansTheSame(item, candidate));
      if (match >= 0) left.splice(match, 1);
      return match >= 0;
    })
  );
}

function sameMembers(one: Members, two: Members): boolean {
  const [names, others] = [one, two].map((object) =>
    Object.keys(object).filter((name) => object[name] !== undefined),
  ) as [string[], string[]];
  return (
    names.length === others.length &&
    names.every((name) => Object.hasOwn(two, name) && meansTheSame(one[name], two[name]))
  );
}

function bytesOf(value: object): number[] {
  return ArrayBuffer.isView(value)
    ? [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]
    : [...new Uint8Array(value as ArrayBuffer)];
}

/** Levels that arguments may have. */
const LEVELS_MAX = 64;

/** Whether a value can be compared at all: plain data, well-formed and not too deep. */
export function isComparable(value: unknown, level = 0): boolean {
  switch (typeof value) {
    case 'string':
      return isWellFormedText(value);
    case 'number':
      return Number.isFinite(value);
    case 'boolean':
    case 'bigint':
      return true;
    case 'object':
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (level >= LEVELS_MAX) return false;
  const below = (item: unknown): boolean => isComparable(item, level + 1);
  const kind = kindOf(value);
  switch (kind) {
    case 'list':
      // A hole is undefined.
      return Array.from(value as unknown[]).every(below);
    case 'Date':
      return Number.isFinite((value as Date).getTime());
    case 'Map':
      return [...(value as Map<unknown, unknown>)].flat().every(below);
    case 'Set':
      return [...(value as Set<unknown>)].every(below);
    case 'object': {
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== null && prototype !== Object.prototype) return false;
      return Object.entries(value).every(
        ([name, member]) => member === undefined || (isWellFormedText(name) && below(member)),
      );
    }
    default:
      return true;
  }
}

/** UTF-16, unit by unit: every high half is followed by a low half, and no low half stands alone. */
function isWellFormedText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(index + 1);
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return false;
    index += 1;
  }
  return true;
}
