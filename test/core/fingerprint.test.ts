import fc from 'fast-check';
import { fingerprintOf, UncanonicalValueError } from '../../src/core/fingerprint.js';

/** Data as JSON and custom scalars make it, well-formed and not too deep. */
const data = fc.anything({
  key: fc.string({ unit: 'grapheme' }),
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  maxDepth: 4,
  values: [
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  ],
});

/** The fingerprint, or why there is none. */
function tryFingerprint(value: unknown): string {
  try {
    return fingerprintOf(value);
  } catch (error) {
    if (error instanceof UncanonicalValueError) return `refused: ${error.message}`;
    throw error;
  }
}

/** The same value with the keys of every object in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, reordered(member)] as const);
  return Object.fromEntries(entries.reverse());
}

describe('a fingerprint (G7)', () => {
  it('is 43 base64url characters', () => {
    expect(fingerprintOf({ a: 1 })).toMatch(/^[\w-]{43}$/);
  });

  it('is the same for the same data in another order, and never throws anything unexpected', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(tryFingerprint(reordered(value))).toBe(tryFingerprint(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it('differs for different JSON', () => {
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2, noUnicodeString: true }), (value) => {
        const print = fingerprintOf(value);
        // -0 is 0, in JSON too.
        const text = JSON.stringify(reordered(sortedByKey(value)));
        expect(seen.get(print) ?? text).toBe(text);
        seen.set(print, text);
      }),
      { numRuns: 3_000 },
    );
  });

  const different: [string, unknown, unknown][] = [
    ['1 and "1"', 1, '1'],
    ['1 and 1n', 1, 1n],
    ['1 and true', 1, true],
    ['null and "null"', null, 'null'],
    ['null and absent', { a: null }, {}],
    ['an empty list and an empty object', [], {}],
    ['nesting', [[1], 2], [[1, 2]]],
    ['where strings end', ['a', 'bc'], ['ab', 'c']],
    ['NFC and NFD', 'é', 'e\u0301'],
    ['own __proto__', JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":2}')],
    ['own __proto__ and nothing', JSON.parse('{"__proto__":{}}'), {}],
    ['keys that differ by case', { a: 1, A: 2 }, { a: 2, A: 1 }],
    ['a Date and its number', new Date(5), 5],
    ['a Map and an object', new Map([['a', 1]]), { a: 1 }],
    ['a Set and a list', new Set([1]), [1]],
    ['bytes', Buffer.from([1]), Buffer.from([2])],
    ['kinds of bytes', new Uint8Array([1]), new Int8Array([1])],
    ['an ArrayBuffer and its bytes', new Uint8Array([1]).buffer, new Uint8Array([1])],
    ['numbers beyond 2^53', 2 ** 53, 2 ** 53 + 2],
    ['big integers', 2n ** 64n, 2n ** 64n + 1n],
  ];
  it.each(different)('differs by %s', (_, one, two) => {
    expect(fingerprintOf(one)).not.toBe(fingerprintOf(two));
  });

  const same: [string, unknown, unknown][] = [
    ['0 and -0', 0, -0],
    ['1 and 1.0', 1, 1.0],
    ['an undefined member and none', { a: undefined }, {}],
    [
      'objects with and without a prototype',
      Object.assign(Object.create(null), { a: 1 }),
      { a: 1 },
    ],
    ['a Buffer and its Uint8Array', Buffer.from([1, 2]), new Uint8Array([1, 2])],
    ['a view and a copy of what it shows', Buffer.from([9, 1, 2]).subarray(1), Buffer.from([1, 2])],
    ['Sets in another order', new Set([1, 2]), new Set([2, 1])],
    [
      'Maps in another order',
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
  ];
  it.each(same)('is the same for %s', (_, one, two) => {
    expect(fingerprintOf(one)).toBe(fingerprintOf(two));
  });

  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  let deep: unknown = 1;
  for (let level = 0; level < 10_000; level += 1) deep = { deep };
  const refused: [string, unknown, string][] = [
    ['NaN', { a: { b: NaN } }, 'The argument "a.b" is not a number.'],
    ['Infinity', [Infinity], 'is not a number'],
    ['half a surrogate pair', '\ud800', 'The arguments has half of a surrogate pair in it.'],
    ['half a surrogate pair in a key', { '\udc00': 1 }, 'half of a surrogate pair'],
    ['a cycle', cyclic, 'is too deep'],
    ['10 000 levels', deep, 'is too deep'],
    ['more than a megabyte of text', 'x'.repeat(1_048_577), 'is too large'],
    ['a million items', new Array(1_000_000).fill(1), 'is too large'],
    [
      'large items in a Map',
      new Map([[1, ['x'.repeat(600_000), 'x'.repeat(600_000)]]]),
      'too large',
    ],
    ['a function', [() => 1], 'contains function, which is no data'],
    ['a symbol', Symbol('s'), 'contains symbol, which is no data'],
    ['a hole in a list', new Array(1), 'contains undefined, which is no data'],
    ['an invalid Date', new Date(NaN), 'is not a date'],
    [
      'an instance of a class',
      new (class Money {
        amount = 5;
      })(),
      'is not plain data',
    ],
    ['a promise', Promise.resolve(1), 'is not plain data'],
  ];
  it.each(refused)('is refused for %s', (_, value, problem) => {
    expect(() => fingerprintOf(value)).toThrow(problem);
    expect(() => fingerprintOf(value)).toThrow(UncanonicalValueError);
  });
});

function sortedByKey(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedByKey);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sortedByKey(member)]));
}
