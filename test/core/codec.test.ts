import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import {
  decodeValue,
  encodeValue,
  NotPlainError,
  shapeOf,
  UnfaithfulValueError,
  UnreadableValueError,
  type EncodeRules,
  type Revival,
} from '../../src/core/codec.js';

const BYTES_MAX = 1_048_576;

const nothing: Revival = {
  createInstance: (name) => {
    throw new Error(`no class ${name}`);
  },
  createTyped: () => ({}),
};

function roundTrip(value: unknown, rules: EncodeRules = {}, revival = nothing): unknown {
  return decodeValue(encodeValue(value, { bytesMax: BYTES_MAX, ...rules }), revival);
}

/** Everything that comes back as it was. */
const faithful = fc.anything({
  key: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '')),
  withBigInt: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  maxDepth: 5,
  values: [
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, undefined, -0),
    // Two invalid dates are not deeply equal, so they have a case of their own below.
    fc.date({ noInvalidDate: true }),
  ],
});

describe('the codec (G2)', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(faithful, (value) => {
        expect(isDeepStrictEqual(roundTrip(value), value)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each<[string, unknown]>([
    [
      'integers around every border',
      [0, -0, 63, 64, -64, -65, 2 ** 30, -(2 ** 30), 2 ** 31, 2 ** 53],
    ],
    ['numbers that are not', [NaN, Infinity, -Infinity, 5e-324, 1.7e308]],
    ['huge integers', [2n ** 4_000n, -(2n ** 4_000n), 0n, -1n]],
    [
      'strings of every kind',
      ['', 'a', 'x'.repeat(1_000), 'é', '🙂'.repeat(50), '\ud800', 'a\u0000'],
    ],
    ['keys of every kind', { '': 1, é: 2, '🙂': 3, '\udfff': 4, ['x'.repeat(300)]: 5 }],
    ['undefined in every place', [undefined, { a: undefined }, new Map([[undefined, undefined]])]],
    ['an own __proto__', JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3}')],
    [
      'bytes',
      [
        Buffer.from('a'),
        new Uint8Array(3),
        new Float64Array([1.5, NaN]),
        new DataView(new ArrayBuffer(2)),
      ],
    ],
    ['a view into a larger buffer', Buffer.from('abcdef').subarray(2, 4)],
    ['an ArrayBuffer', new Uint8Array([1, 2]).buffer],
  ])('keeps %s', (_, value) => {
    const copy = roundTrip(value);
    expect(isDeepStrictEqual(copy, value)).toBe(true);
  });

  it('keeps -0 and objects without a prototype', () => {
    expect(Object.is(roundTrip(-0), -0)).toBe(true);
    expect(Object.getPrototypeOf(roundTrip(Object.create(null)))).toBeNull();
    expect(Buffer.isBuffer(roundTrip(Buffer.from('a')))).toBe(true);
    expect((roundTrip(new Date(NaN)) as Date).getTime()).toBeNaN();
  });

  it('keeps cycles and shared objects', () => {
    const shared = { a: 1 };
    const value: Record<string, unknown> = { shared, again: shared, list: [shared] };
    value['self'] = value;
    value['map'] = new Map([[value, new Set([shared])]]);
    const copy = roundTrip(value) as typeof value;
    expect(copy['self']).toBe(copy);
    expect(copy['again']).toBe(copy['shared']);
    expect((copy['map'] as Map<unknown, Set<unknown>>).get(copy)?.has(copy['shared'])).toBe(true);
  });

  it('keeps the shape that the writer gave, under the checksum', () => {
    const payload = encodeValue({ a: 1 }, { bytesMax: BYTES_MAX, shape: 0xfedc_ba98 });
    expect(shapeOf(payload)).toBe(0xfedc_ba98);
    expect(shapeOf(encodeValue(1, { bytesMax: BYTES_MAX }))).toBe(0);
    payload[5] = 0;
    expect(() => decodeValue(payload, nothing)).toThrow('damaged');
  });

  it('leaves out what is redacted, of objects and of Maps', () => {
    const redacts = (_object: object, name: string): boolean => name === 'cvv';
    const card = { number: '4242', cvv: '123' };
    const map = new Map<unknown, unknown>([
      ['cvv', '123'],
      [card, card],
      [1, 'cvv'],
    ]);
    const payload = encodeValue({ card, map }, { bytesMax: BYTES_MAX, redacts });
    expect(Buffer.from(payload).includes('123')).toBe(false);
    const kept = { number: '4242' };
    const again = decodeValue(payload, nothing) as { card: unknown; map: Map<unknown, unknown> };
    expect(again.card).toEqual(kept);
    expect([...again.map]).toEqual([
      [kept, kept],
      [1, 'cvv'],
    ]);
  });

  it('keeps objects of other realms', () => {
    const foreign: unknown = runInNewContext('({ a: [1], d: new Date(5), m: new Map([[1, 2]]) })');
    expect(roundTrip(foreign)).toEqual({ a: [1], d: new Date(5), m: new Map([[1, 2]]) });
  });

  it('writes the names of a list of objects once', () => {
    const rows = Array.from({ length: 100 }, (_, id) => ({ identifier: id, description: 'x' }));
    const size = encodeValue(rows, { bytesMax: BYTES_MAX }).length;
    expect(size).toBeLessThan(JSON.stringify(rows).length / 3);
  });

  it('brings back instances of registered classes, around themselves too, without their constructors', () => {
    class Payment {
      id = 'p1';
      owner: unknown = this;
      note?: string = 'none';
      set amount(_: number) {
        throw new Error('A setter was called.');
      }
    }
    const payment = new Payment();
    delete payment.note;
    Object.defineProperty(payment, 'amount', { value: 5, enumerable: true });
    const rules = {
      classNameOf: (prototype: object) => (prototype === Payment.prototype ? 'Pay' : undefined),
    };
    const copy = roundTrip([payment, payment], rules, {
      ...nothing,
      createInstance: () => Object.create(Payment.prototype) as object,
    }) as [Payment, Payment];
    expect(copy[0]).toBeInstanceOf(Payment);
    expect(copy[0].owner).toBe(copy[0]);
    expect(copy[1]).toBe(copy[0]);
    expect(Object.keys(copy[0])).toEqual(['id', 'owner', 'amount']);
    expect(() => roundTrip(payment, rules)).toThrow('no class Pay');
  });

  it('tells who reads it the type that an operator named', () => {
    const card = { last4: '4242' };
    const copy = roundTrip(
      { card },
      { typeNames: new Map([[card, 'Card']]) },
      {
        ...nothing,
        createTyped: (typeName) => ({ typeName }),
      },
    );
    expect(copy).toEqual({ card: { typeName: 'Card', last4: '4242' } });
  });
});

describe('what the codec cannot keep (G14)', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  class Money {
    amount = 5;
  }
  class LocalDate extends Date {}
  class Address extends Uint8Array {}
  class Stringy extends Map {}
  class Row extends Array {}
  const hidden = Object.defineProperty({ id: 1 }, 'currency', { value: 'EUR' });
  const asked: string[] = [];
  const watching: ProxyHandler<object> = new Proxy(
    {},
    {
      get: (_, trap) => {
        asked.push(String(trap));
        return undefined;
      },
    },
  );
  it.each<[string, unknown, string]>([
    ['a function', { f: () => 1 }, 'contains a function at f'],
    ['a symbol', [Symbol('s')], 'contains a symbol at [0]'],
    ['a property under a symbol', { [Symbol('s')]: 1 }, 'a property under a symbol'],
    ['a hidden symbol', Object.defineProperty({}, Symbol('s'), { value: 1 }), 'under a symbol'],
    ['an instance of a class', { m: [new Money()] }, 'an instance of Money at m[0]'],
    ['a promise', [Promise.resolve(1)], 'a promise'],
    ['a subclass of Date', new LocalDate(), 'an instance of LocalDate'],
    ['a subclass of Map', new Stringy(), 'an instance of Stringy'],
    ['a subclass of Array', Row.from([1]), 'an instance of Row that extends Array'],
    ['a subclass of bytes', new Address(2), 'an instance of Address'],
    ['a Date with a property', Object.assign(new Date(), { zone: 'CET' }), 'properties of its own'],
    ['bytes with a property', Object.assign(Buffer.from('a'), { x: 1 }), 'properties of its own'],
    [
      'as many bytes as are searched, with a property',
      Object.assign(Buffer.alloc(16_384), { x: 1 }),
      'properties of its own',
    ],
    ['a list with a property', Object.assign([1], { total: 2 }), 'with holes or properties'],
    ['a list with holes', new Array(2), 'with holes or properties'],
    ['a hidden property', { row: hidden }, 'a hidden property at row.currency'],
    ['a borrowed prototype', Object.create(Date.prototype), 'an instance of Date'],
    ['an error', { e: new TypeError('x') }, 'an instance of TypeError at e'],
    ['a regular expression', /x/, 'an instance of RegExp'],
    ['a WeakMap', new WeakMap(), 'an instance of WeakMap'],
    ['a boxed number', new Number(1), 'an instance of Number'],
    ['a Proxy', { p: new Proxy({ a: 1 }, watching) }, 'a Proxy at p'],
    ['a Proxy as prototype', Object.create(new Proxy({}, watching)), 'an unusual object'],
    ['an object without a class name', Object.create({}), 'an unusual object'],
  ])('is more than plain data: %s', (_, value, reason) => {
    const encode = (): unknown => encodeValue(value, { bytesMax: BYTES_MAX });
    expect(encode).toThrow(NotPlainError);
    expect(encode).toThrow(reason);
    expect(asked).toEqual([]);
  });

  it('is nested deeper than 500', () => {
    expect(() => encodeValue(deep, { bytesMax: BYTES_MAX })).toThrow(UnfaithfulValueError);
    expect(() => encodeValue(deep, { bytesMax: BYTES_MAX })).toThrow('more than 500 levels');
  });

  it('is an object that means something only as itself', () => {
    const euro = { code: 'EUR' };
    const rules = { bytesMax: BYTES_MAX, identities: new Set([euro]) };
    expect(() => encodeValue({ currency: euro }, rules)).toThrow(
      'the value of an enum at currency',
    );
    expect(() => encodeValue({ currency: { ...euro } }, rules)).not.toThrow();
  });

  it('is refused beyond bytesMax, to the byte', () => {
    const size = encodeValue('x'.repeat(5_000), { bytesMax: BYTES_MAX }).length;
    expect(encodeValue('x'.repeat(5_000), { bytesMax: size })).toHaveLength(size);
    expect(() => encodeValue('x'.repeat(5_000), { bytesMax: size - 1 })).toThrow('larger than');
    expect(() => encodeValue(new Array(10_000).fill(null), { bytesMax: 5_000 })).toThrow('larger');
  });

  it('is a getter, which is not called', () => {
    const value = {
      list: [
        {
          get a(): string {
            throw new RangeError('mine');
          },
        },
      ],
    };
    expect(() => encodeValue(value, { bytesMax: BYTES_MAX })).toThrow('a getter at list[0].a');
  });
});

describe('a payload that cannot be read (G15)', () => {
  it('is one of which any bit has flipped, or any byte is missing', () => {
    const value = { id: 'p1', amount: 5, tags: ['a', new Date(5)], big: 5n };
    const payload = encodeValue(value, { bytesMax: BYTES_MAX });
    for (let bit = 0; bit < payload.length * 8; bit += 1) {
      const damaged = Uint8Array.from(payload);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodeValue(damaged, nothing)).toThrow(UnreadableValueError);
    }
    for (let length = 0; length < payload.length; length += 1) {
      expect(() => decodeValue(payload.subarray(0, length), nothing)).toThrow(UnreadableValueError);
    }
    expect(() => decodeValue(Buffer.concat([payload, Buffer.alloc(1)]), nothing)).toThrow(
      UnreadableValueError,
    );
  });

  it('is of a newer version', () => {
    const payload = encodeValue(1, { bytesMax: BYTES_MAX });
    payload[0] = 2;
    expect(() => decodeValue(payload, nothing)).toThrow('version 2, not 1');
  });

  it('is any other bytes, even with the right checksum: never a crash, never much memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (body) => {
        const payload = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0]), body]);
        payload.writeUInt32LE(crc32(payload.subarray(5)), 1);
        try {
          decodeValue(payload, nothing);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableValueError);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
