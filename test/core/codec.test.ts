import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import {
  decodeValue,
  encodeValue,
  UnfaithfulValueError,
  UnreadableValueError,
  type Annotation,
  type Annotations,
  type Revival,
} from '../../src/core/codec.js';

const BYTES_MAX = 1_048_576;

const nothing: Revival = {
  onTyped: () => undefined,
  createInstance: (name) => {
    throw new Error(`no class ${name}`);
  },
  parseScalar: (name) => {
    throw new Error(`no scalar ${name}`);
  },
};

function roundTrip(value: unknown, annotations?: Annotations, revival = nothing): unknown {
  const options = annotations === undefined ? {} : { annotations };
  return decodeValue(encodeValue(value, { bytesMax: BYTES_MAX, ...options }), revival);
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

  it('keeps -0, holes as undefined, and objects without a prototype', () => {
    expect(Object.is(roundTrip(-0), -0)).toBe(true);
    expect(roundTrip(new Array(2))).toEqual([undefined, undefined]);
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

  it('keeps what an error says, but not where it was thrown', () => {
    class Refused extends TypeError {
      override readonly name = 'Refused';
      readonly extensions = { code: 'REFUSED' };
    }
    const copy = roundTrip(new Refused('No.')) as Refused;
    expect(copy).toBeInstanceOf(Error);
    expect([copy.name, copy.message, copy.extensions]).toEqual([
      'Refused',
      'No.',
      { code: 'REFUSED' },
    ]);
    expect(encodeValue(new Refused('No.'), { bytesMax: 1_000 }).toString()).not.toContain(
      'codec.test',
    );
  });

  it('leaves out what is redacted, of objects, of extensions and of Maps', () => {
    const redacts = (_object: object, name: string): boolean => name === 'cvv';
    const card = { number: '4242', cvv: '123' };
    const error = Object.assign(new Error('No.'), { extensions: { cvv: '123', code: 'NO' } });
    const map = new Map<unknown, unknown>([
      ['cvv', '123'],
      [card, card],
      [1, 'cvv'],
    ]);
    const payload = encodeValue({ card, error, map }, { bytesMax: BYTES_MAX, redacts });
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

  describe('with annotations', () => {
    it('brings back classes, around themselves too, concrete types, scalars and promises', async () => {
      class Money {
        constructor(readonly text: string) {}
      }
      class Payment {
        id = 'p1';
        owner: unknown = this;
        later?: Promise<unknown>;
        never?: Promise<unknown>;
        money?: Money;
      }
      const payment = new Payment();
      const later = (payment.later = Promise.resolve([1]));
      const never = (payment.never = Promise.reject(new Error('no')));
      const money = (payment.money = new Money('5.00'));
      never.catch(() => undefined);
      const data = Object.fromEntries(Object.entries(payment));
      const annotations: Annotations = new Map<object, Annotation>([
        [payment, { kind: 'object', typeName: 'Payment', className: 'Pay', data }],
        [later, { kind: 'promise', state: 'fulfilled', value: [1] }],
        [never, { kind: 'promise', state: 'rejected', value: new Error('no') }],
        [money, { kind: 'leaf', scalar: 'Money', serialized: '5.00' }],
      ]);
      const typed = new Map<object, string>();
      const copy = roundTrip([payment, payment], annotations, {
        onTyped: (object, typeName) => typed.set(object, typeName),
        createInstance: () => new Payment(),
        parseScalar: (_, serialized) => new Money(String(serialized)),
      }) as [Payment, Payment];
      expect(copy[0]).toBeInstanceOf(Payment);
      expect(copy[0].owner).toBe(copy[0]);
      expect(copy[1]).toBe(copy[0]);
      expect(typed.get(copy[0])).toBe('Payment');
      expect(copy[0].money).toEqual(new Money('5.00'));
      expect(await copy[0].later).toEqual([1]);
      await expect(copy[0].never).rejects.toThrow('no');
    });

    it('is unreadable when a class or a scalar is gone', () => {
      const object = {};
      const annotated = (annotation: object): Uint8Array =>
        encodeValue(object, {
          bytesMax: 1_000,
          annotations: new Map([[object, annotation as never]]),
        });
      const instance = annotated({ kind: 'object', className: 'Gone', data: {} });
      const leaf = annotated({ kind: 'leaf', scalar: 'Gone', serialized: 1 });
      expect(() => decodeValue(instance, nothing)).toThrow(UnreadableValueError);
      expect(() => decodeValue(leaf, nothing)).toThrow('no scalar Gone');
    });
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
  it.each<[string, unknown, string]>([
    ['a function', { f: () => 1 }, 'contains a function'],
    ['a symbol', [Symbol('s')], 'contains a symbol'],
    ['a property under a symbol', { [Symbol('s')]: 1 }, 'property under a symbol'],
    ['an instance of a class', { m: new Money() }, 'an instance of Money'],
    ['a promise', [Promise.resolve(1)], 'an instance of Promise'],
    ['a subclass of Date', new LocalDate(), 'an instance of LocalDate'],
    ['a subclass of bytes', new Address(2), 'an instance of Address'],
    ['a regular expression', /x/, 'an instance of RegExp'],
    ['a WeakMap', new WeakMap(), 'an instance of WeakMap'],
    ['a boxed number', new Number(1), 'an instance of Number'],
    ['100 000 levels', deep, 'too deep'],
    ['an object without a class name', Object.create({}), 'an instance of Object'],
  ])('is refused: %s', (_, value, reason) => {
    const encode = (): unknown => encodeValue(value, { bytesMax: BYTES_MAX });
    expect(encode).toThrow(UnfaithfulValueError);
    expect(encode).toThrow(reason);
  });

  it('is refused beyond bytesMax, to the byte', () => {
    const size = encodeValue('x'.repeat(5_000), { bytesMax: BYTES_MAX }).length;
    expect(encodeValue('x'.repeat(5_000), { bytesMax: size })).toHaveLength(size);
    expect(() => encodeValue('x'.repeat(5_000), { bytesMax: size - 1 })).toThrow('larger than');
    expect(() => encodeValue(new Array(10_000).fill(null), { bytesMax: 5_000 })).toThrow('larger');
  });

  it('is whatever a getter throws', () => {
    const value = {
      get a(): string {
        throw new RangeError('mine');
      },
    };
    expect(() => encodeValue(value, { bytesMax: BYTES_MAX })).toThrow('mine');
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
        const payload = Buffer.concat([Buffer.from([1, 0, 0, 0, 0]), body]);
        payload.writeUInt32LE(crc32(body), 1);
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
