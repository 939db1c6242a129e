import { Readable } from 'node:stream';
import { GraphQLError, GraphQLScalarType } from 'graphql';
import { codes, type TestResponse } from '../graphql/apollo.js';
import { describeValue } from '../graphql/describe-value.js';
import { Decimal, decimalScalar } from './decimal.js';
import { startSubject, statusOf, withKey, type Subject } from './subject.js';

const UNAVAILABLE = 'IDEMPOTENCY_RESULT_UNAVAILABLE';

class Card {
  constructor(readonly last4: string) {}
}

const typeDefs = /* GraphQL */ `
  scalar Shown
  scalar Decimal
  interface Named {
    name: String
  }
  type Card implements Named {
    name: String
    last4: String
  }
  type Bank implements Named {
    name: String
    iban: String
  }
  union Method = Card | Bank
  type Result {
    shown: Shown
    decimal: Decimal
    text: String
    method: Method
    named: Named
    items: [Bank]
  }
  type Query {
    ping: String
  }
  type Mutation {
    make: Result @idempotent
    text: String @idempotent
  }
`;

const types = {
  // Shows what a resolver would see, so that two answers can be compared.
  Shown: new GraphQLScalarType({ name: 'Shown', serialize: describeValue }),
  Decimal: decimalScalar,
  Method: { __resolveType: (value: object) => (value instanceof Card ? 'Card' : 'Bank') },
  Named: { __resolveType: (value: object) => (value instanceof Card ? 'Card' : 'Bank') },
};

const MAKE = 'mutation { make { text } }';

interface Repeated {
  readonly first: TestResponse;
  readonly second: TestResponse;
  readonly subject: Subject;
}

/** Sends a request twice; `make` is what the resolver does each time. */
async function repeat(make: () => unknown, query = MAKE): Promise<Repeated> {
  const subject = await startSubject({ typeDefs, types, mutations: { make, text: make } });
  const first = await subject.post(query, withKey('k1'));
  const second = await subject.post(query, withKey('k1'));
  await subject.stop();
  return { first, second, subject };
}

describe('a result that is kept', () => {
  const cycle: { text: string; self?: unknown } = { text: 'x' };
  cycle.self = [cycle, new Map([[cycle, cycle]])];
  const SHOWN = 'mutation { make { shown } }';
  const shown = (value: unknown) => (): unknown => ({ shown: value });

  it.each<[string, () => unknown, string]>([
    ['row 93: undefined', () => undefined, MAKE],
    ['row 93: undefined as a member', () => ({ text: undefined }), MAKE],
    ['row 94: null', () => null, MAKE],
    ['row 94: null for text', () => null, 'mutation { text }'],
    ['row 95: a cycle', () => cycle, MAKE],
    ['row 95: a BigInt', shown(2n ** 70n), SHOWN],
    ['row 95: a Map', shown(new Map([[1, new Set(['1'])]])), SHOWN],
    ['row 95: an Error within a value', shown({ reason: new TypeError('no') }), SHOWN],
    ['row 96: a promise, which is awaited', () => ({ text: Promise.resolve('late') }), MAKE],
    [
      'row 96: a promise that nobody selects',
      () => ({ text: 'x', other: Promise.resolve(1) }),
      MAKE,
    ],
    ['row 98: a Date', shown(new Date(5)), SHOWN],
    ['row 98: a Buffer', shown(Buffer.from([0, 255])), SHOWN],
    ['row 98: a typed array', shown(new Uint8Array([0, 255])), SHOWN],
    [
      'row 98: a decimal',
      () => ({ decimal: new Decimal('1.50') }),
      'mutation { make { decimal } }',
    ],
    [
      'row 101: an own __proto__',
      shown(JSON.parse('{"__proto__":{"polluted":true},"constructor":1}')),
      SHOWN,
    ],
    ['row 103: an error that is returned', () => new GraphQLError('Sold out.'), MAKE],
    [
      'row 103: errors in a list',
      () => ({ items: [{ iban: 'DE' }, new GraphQLError('one'), new TypeError('two')] }),
      'mutation { make { items { iban } } }',
    ],
    [
      'row 106: the types behind a union and an interface',
      () => ({ method: new Card('4242'), named: new Card('1111') }),
      'mutation { make { method { __typename ... on Card { last4 } } named { __typename } } }',
    ],
    ['row 107: NaN', shown(NaN), SHOWN],
    ['row 107: Infinity', shown([Infinity, -Infinity]), SHOWN],
    ['row 107: -0', shown([-0, 0]), SHOWN],
    ['row 108: halves of surrogate pairs', shown(['\ud800', '\udc00\ud800', 'a\ud800']), SHOWN],
    ['row 108: halves of surrogate pairs as text', () => '\ud800x', 'mutation { text }'],
  ])('%s is replayed as it was', async (_, make, query) => {
    const { first, second, subject } = await repeat(make, query);
    expect(second.body.data).toEqual(first.body.data);
    expect(second.body.errors).toEqual(first.body.errors);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(subject.runs).toHaveLength(1);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  it('row 94: null is answered as null, not as an absent record', async () => {
    const { first, second } = await repeat(() => null);
    expect([first.body.data, second.body.data]).toEqual([{ make: null }, { make: null }]);
    expect([statusOf(first, 'make'), statusOf(second, 'make')]).toEqual(['executed', 'replayed']);
  });
});

describe('a result that is more than plain data', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  const throws = (): never => {
    throw new Error('no');
  };

  it.each<[string, () => unknown]>([
    ['row 95: a function', () => ({ text: 'x', more: () => 1 })],
    ['row 95: a function that a field calls', () => ({ text: () => 'x' })],
    ['row 95: a symbol', () => ({ text: 'x', more: Symbol('s') })],
    [
      'row 95: an instance whose method a field calls',
      () =>
        new (class {
          text(): string {
            return 'x';
          }
        })(),
    ],
    ['row 95: an instance that holds its data back', () => ({ text: 'x', more: new Decimal('1') })],
    ['row 96: a stream', () => ({ text: 'x', more: Readable.from(['x']) })],
    [
      'row 96: an asynchronous generator',
      () => ({
        text: 'x',
        more: (async function* () {
          yield await Promise.resolve(1);
        })(),
      }),
    ],
    ['row 97: 100 000 levels', () => ({ text: 'x', deep })],
    ['row 102: a toJSON method', () => ({ text: 'x', toJSON: throws })],
    [
      'row 102: a getter that throws',
      () => ({
        text: 'x',
        get more(): string {
          return throws();
        },
      }),
    ],
  ])('%s is kept as a response, and never run again', async (_, make) => {
    const { first, second, subject } = await repeat(make);
    expect(first.body).toMatchObject({ data: { make: { text: 'x' } } });
    expect(first.body.extensions?.idempotency?.['make']).toMatchObject({ kept: 'response' });
    expect(second.body.data).toEqual(first.body.data);
    expect(statusOf(second, 'make')).toBe('replayed');
    expect(subject.runs).toHaveLength(1);
  });
});

describe('a result that cannot be kept', () => {
  it('row 99: one byte more than the limit is answered once, the limit itself is kept', async () => {
    // Version, checksum and shape, the kind, and the length in four bytes.
    const text = 'x'.repeat(1_048_576 - 9 - 1 - 4);
    const kept = await repeat(() => text, 'mutation { text }');
    expect(kept.subject.stored[0]).toHaveLength(1_048_576);
    expect(kept.second.body.data).toEqual({ text });
    const larger = await repeat(() => `${text}x`, 'mutation { text }');
    expect(larger.first.body.data).toEqual({ text: `${text}x` });
    expect(codes(larger.second)).toEqual([UNAVAILABLE]);
    expect(larger.subject.runs).toHaveLength(1);
    expect(larger.subject.stored).toEqual([new Uint8Array()]);
    expect(larger.subject.events).toContainEqual({
      type: 'unavailable',
      place: [],
      operation: 'Mutation.text',
      recordId: expect.stringMatching(/^text:/) as string,
      attempt: 1,
      reason: 'The result is larger than 1048576 bytes.',
    });
  });
});

describe('an error that is thrown', () => {
  function fail(error: unknown): Promise<Repeated> {
    return repeat(() => {
      throw error;
    });
  }

  it('row 104: is stored with message and extensions, without stack and place', async () => {
    const { first, second, subject } = await fail(
      new GraphQLError('Sold out.', { extensions: { code: 'SOLD_OUT', detail: { left: 3 } } }),
    );
    for (const { body } of [first, second]) {
      expect(body.errors?.[0]).toMatchObject({
        message: 'Sold out.',
        path: ['make'],
        extensions: { code: 'SOLD_OUT', detail: { left: 3 } },
      });
    }
    expect(statusOf(second, 'make')).toBe('replayed');
    expect(subject.runs).toHaveLength(1);
    const stored = Buffer.from(subject.stored[0] ?? []).toString('latin1');
    expect(stored).toContain('Sold out.');
    expect(stored).not.toContain('results.test');
    expect(stored).not.toContain('GraphQLError');
  });

  it('row 104: with extensions that are more than plain data is kept as it was formatted', async () => {
    const extensions = { code: 'SOLD_OUT', helper: () => 1 };
    const { first, second, subject } = await fail(new GraphQLError('Sold out.', { extensions }));
    expect(codes(first)).toEqual(['SOLD_OUT']);
    expect(second.body.errors).toEqual(first.body.errors);
    expect(subject.runs).toHaveLength(1);
  });

  it('row 104: with cyclic extensions is stored, and fails to be written both times alike', async () => {
    const detail: Record<string, unknown> = { left: 3 };
    detail['self'] = detail;
    const error = new GraphQLError('Sold out.', { extensions: { code: 'SOLD_OUT', detail } });
    const subject = await startSubject({
      typeDefs,
      types,
      mutations: {
        make: () => {
          throw error;
        },
      },
    });
    const post = (): Promise<unknown> =>
      subject.post(MAKE, withKey('k1')).then(
        ({ body }) => body,
        (reason: unknown) => String(reason),
      );
    expect(await post()).toEqual(await post());
    expect(subject.runs).toHaveLength(1);
    await subject.stop();
  });

  it('row 104: around another error is a failure, of which nothing is stored', async () => {
    const originalError = new Error('password=secret');
    const { second, subject } = await fail(new GraphQLError('Failed.', { originalError }));
    expect(statusOf(second, 'make')).toBeUndefined();
    expect(subject.runs).toHaveLength(2);
    expect(subject.stored).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['row 105: null', null],
    ['row 105: undefined', undefined],
    ['row 105: text', 'no'],
    ['row 105: a frozen object', Object.freeze({ code: 'X', extensions: Object.freeze({}) })],
    ['row 105: a frozen error', Object.freeze(new Error('no'))],
    [
      'row 105: a thenable',
      {
        then: (resolve: (value: unknown) => void) => {
          resolve(1);
        },
      },
    ],
  ])('%s is a failure: it is not stored, and a retry runs again', async (_, error) => {
    const { first, second, subject } = await fail(error);
    for (const response of [first, second]) {
      expect(codes(response)).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(response.body.data).toEqual({ make: null });
    }
    expect(subject.asked).toEqual(['begin', 'release', 'begin', 'release']);
    expect(subject.runs).toHaveLength(2);
  });

  it('row 105: a frozen error on purpose is stored, and not changed', async () => {
    const error = Object.freeze(
      new GraphQLError('No.', { extensions: Object.freeze({ code: 'NO' }) }),
    );
    const before = Reflect.ownKeys(error);
    const { first, second, subject } = await fail(error);
    expect([codes(first), codes(second)]).toEqual([['NO'], ['NO']]);
    expect(Reflect.ownKeys(error)).toEqual(before);
    expect(subject.runs).toHaveLength(1);
  });
});
