import { Readable } from 'node:stream';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { graphql, GraphQLError, GraphQLScalarType, type GraphQLObjectType } from 'graphql';
import { TimeoutError } from '../../src/core/timeout.js';
import type { Clock } from '../../src/index.js';
import { annotate } from '../../src/graphql/annotate.js';
import { ManualClock } from '../support/manual-clock.js';
import { codes, sdl, startServer, type TestResponse } from './apollo.js';
import { describeValue } from './describe-value.js';

const typeDefs = /* GraphQL */ `
  scalar Any
  scalar Money
  scalar Time
  interface Node {
    id: ID!
  }
  type Card implements Node {
    id: ID!
    last4: String
    when: Time
    money: Money
  }
  type Bank implements Node {
    id: ID!
    iban: String
  }
  type Cash {
    amount: Int
    label: String
  }
  union Method = Card | Bank | Cash
  type Result {
    kept: Any
    when: Time
    money: Money
    method: Method
    node: Node
    methods: [Method]
    cash: Cash
    later: String
    laterMethod: Method
    failing: String
    computed: String
    text: String
    code: Code
  }
  enum Code {
    ONE
    TWO
  }
  type Query {
    ping: String
  }
  type Mutation {
    make: Result @idempotent
    node: Node @idempotent
    nothing: Result @idempotent
    list: [Method] @idempotent
    returnsError: Int @idempotent
  }
`;

/** A value whose meaning only its scalar knows. */
class Cents {
  readonly #amount: number;
  constructor(amount: number) {
    this.#amount = amount;
  }
  toString(): string {
    return (this.#amount / 100).toFixed(2);
  }
}

class Card {
  constructor(
    readonly id: string,
    readonly last4: string,
  ) {}
}

class CashWithGetter {
  amount = 5;
  get label(): string {
    return `${String(this.amount)} in cash`;
  }
}

class WithMethod {
  text(): string {
    return 'from a method';
  }
}

class Timestamp extends GraphQLScalarType<Date, string> {}

const scalars = {
  Any: new GraphQLScalarType({
    name: 'Any',
    // Shows what a resolver would see, so that both answers can be compared.
    serialize: (value) => describeValue(value),
  }),
  Time: new Timestamp({
    name: 'Time',
    serialize: (value) => (value as Date).toISOString(),
    parseValue: (value) => new Date(String(value)),
  }),
  Money: new GraphQLScalarType({
    name: 'Money',
    serialize: (value) => String(value),
    parseValue: (value) => new Cents(Math.round(Number(value) * 100)),
  }),
};

const QUERY = `mutation {
  make {
    kept when text later failing computed code money
    method { ...m } laterMethod { ...m } methods { ...m }
    node { __typename id ... on Card { last4 } ... on Bank { iban } }
    cash { amount label }
  }
}
fragment m on Method {
  __typename
  ... on Card { id last4 when money }
  ... on Bank { iban }
  ... on Cash { amount label }
}`;

/**
 * Apollo's cache control puts a resolver around every field, and so hides which of them are the
 * default one. Everything must hold with it and without.
 */
let instrumented: boolean;

interface Repeated {
  readonly first: TestResponse;
  readonly second: TestResponse;
  readonly calls: number;
}

async function repeat(make: () => unknown, types: object = {}, query = QUERY): Promise<Repeated> {
  let calls = 0;
  const root = (): unknown => {
    calls += 1;
    return make();
  };
  const schema = sdl(typeDefs, {
    ...scalars,
    Method: {
      __resolveType: (value: object) =>
        value instanceof Card ? 'Card' : 'iban' in value ? 'Bank' : 'Cash',
    },
    Node: { __resolveType: (value: object) => (value instanceof Card ? 'Card' : 'Bank') },
    ...types,
    Mutation: { make: root, node: root, nothing: root, list: root, returnsError: root },
  });
  const plugins = instrumented ? [] : [ApolloServerPluginCacheControlDisabled()];
  const server = await startServer(schema, {}, { plugins });
  const headers = { 'idempotency-key': 'k1' };
  const first = await server.post(query, { headers });
  const second = await server.post(query, { headers });
  await server.stop();
  return { first, second, calls };
}

async function expectFaithful(
  make: () => unknown,
  types: object = {},
  query = QUERY,
): Promise<TestResponse> {
  const { first, second, calls } = await repeat(make, types, query);
  expect(calls).toBe(1);
  expect(second.body.data).toEqual(first.body.data);
  expect(second.body.errors).toEqual(first.body.errors);
  expect(second.headers.get('idempotent-replayed')).toBe('true');
  return first;
}

describe.each([true, false])('a replay (G2), with instrumented resolvers: %p', (mode) => {
  beforeAll(() => {
    instrumented = mode;
  });

  it.each<[string, unknown]>([
    ['a Date', new Date(0)],
    ['a BigInt', 2n ** 70n],
    [
      'a Map',
      new Map<unknown, unknown>([
        [1, new Date(1)],
        ['1', new Set([NaN])],
      ]),
    ],
    ['a Set', new Set([1, '1', null])],
    ['a Buffer', Buffer.from([0, 255, 10])],
    ['a typed array', new Uint16Array([1, 65_535])],
    ['undefined inside', [undefined, { a: undefined }]],
    ['NaN, -0 and Infinity', [NaN, -0, 0, Infinity]],
    ['half a surrogate pair', '\ud800'],
    ['an own __proto__', JSON.parse('{"__proto__":{"polluted":true}}')],
  ])('keeps %s', async (_, kept) => {
    const first = await expectFaithful(() => ({ kept }));
    expect(first.body.errors).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
  ])('of %s is null, not a second run', async (_, value) => {
    const first = await expectFaithful(() => value);
    expect(first.body.data).toEqual({ make: null });
  });

  it('keeps the concrete types behind unions and interfaces of class instances', async () => {
    const first = await expectFaithful(() => ({
      method: new Card('1', '4242'),
      methods: [new Card('2', '1'), { iban: 'DE' }, { amount: 3 }],
      node: new Card('3', '2'),
    }));
    expect(first.body.data?.['make']).toMatchObject({
      method: { __typename: 'Card' },
      methods: [{ __typename: 'Card' }, { __typename: 'Bank' }, { __typename: 'Cash' }],
      node: { __typename: 'Card' },
    });
  });

  it('keeps concrete types at the root and in a list at the root', async () => {
    await expectFaithful(() => new Card('1', '4242'), {}, 'mutation { node { __typename id } }');
    await expectFaithful(
      () => new Set([new Card('1', '4242'), null, { iban: 'DE' }]),
      {},
      'mutation { list { __typename ... on Card { last4 } } }',
    );
  });

  it('works with isTypeOf', async () => {
    await expectFaithful(() => ({ method: new Card('1', '4242') }), {
      Method: {},
      Card: { __isTypeOf: (value: unknown) => value instanceof Card },
      Bank: { __isTypeOf: () => false },
      Cash: { __isTypeOf: () => Promise.resolve(false) },
    });
  });

  it('works with __typename and with an asynchronous resolveType', async () => {
    await expectFaithful(() => ({ method: { __typename: 'Bank', iban: 'DE' } }), { Method: {} });
    await expectFaithful(() => ({ method: new Card('1', '4242') }), {
      Method: {
        __resolveType: (value: unknown) => Promise.resolve(value instanceof Card ? 'Card' : 'Cash'),
      },
    });
  });

  it('keeps what promises resolve to, and what they reject with', async () => {
    const first = await expectFaithful(() => ({
      later: Promise.resolve('now'),
      laterMethod: Promise.resolve(new Card('1', '4242')),
      failing: Promise.reject(new Error('not this one')),
    }));
    expect(first.body.data?.['make']).toMatchObject({ later: 'now', failing: null });
    expect(first.body.errors).toHaveLength(1);
  });

  it('keeps what an object is, though it also stands where its type is not known', async () => {
    const card = new Card('1', '4242');
    await expectFaithful(() => ({ kept: { card }, method: card, node: card, methods: [card] }));
    await expectFaithful(() => ({ unselected: [card], methods: [card, card], method: card }));
  });

  it('keeps promises as promises for resolvers that expect them', async () => {
    const first = await expectFaithful(() => ({ unselected: Promise.resolve({ text: 'late' }) }), {
      Result: {
        computed: (parent: { unselected: Promise<{ text: string }> }) =>
          parent.unselected.then(({ text }) => text),
      },
    });
    expect(first.body.data).toHaveProperty('make.computed', 'late');
  });

  it('keeps errors in the place of objects', async () => {
    const make = (): unknown => ({
      method: new Error('no method'),
      node: Promise.resolve(new TypeError('no node')),
      methods: [{ iban: 'DE' }, new GraphQLError('no item', { extensions: { code: 'GONE' } })],
      cash: new Error('no cash'),
    });
    const first = await expectFaithful(make);
    expect(first.body.errors?.map(({ message }) => message).sort()).toEqual([
      'no cash',
      'no item',
      'no method',
      'no node',
    ]);
    expect(codes(first)).toContain('GONE');
  });

  it('keeps enums whose internal values are objects', async () => {
    const one = { internal: 1 };
    await expectFaithful(() => ({ code: one }), { Code: { ONE: one, TWO: { internal: 2 } } });
  });

  it('keeps getters of classes, and scalars over classes', async () => {
    const first = await expectFaithful(() => ({
      method: new CashWithGetter(),
      money: new Cents(1_205),
    }));
    expect(first.body.data?.['make']).toMatchObject({
      method: { label: '5 in cash' },
      money: '12.05',
    });
  });

  it('keeps custom field resolvers working', async () => {
    await expectFaithful(() => ({ text: 'a', kept: { deep: [1] } }), {
      Result: { computed: (parent: { text: string }) => parent.text.toUpperCase() },
    });
  });

  it('keeps an error that was returned instead of thrown', async () => {
    const query = 'mutation { returnsError }';
    const error = new GraphQLError('Sold out.', { extensions: { code: 'SOLD_OUT' } });
    const first = await expectFaithful(() => error, {}, query);
    expect(codes(first)).toEqual(['SOLD_OUT']);
  });
});

describe.each([true, false])('a result that cannot be kept (G14), instrumented: %p', (mode) => {
  beforeAll(() => {
    instrumented = mode;
  });

  it.each<[string, () => unknown]>([
    ['a function', () => ({ text: () => 'called' })],
    ['a class with a method that a field calls', () => new WithMethod()],
    ['a symbol', () => ({ kept: Symbol('s'), text: 'x' })],
    ['a property under a symbol', () => ({ text: 'x', [Symbol('origin')]: 1 })],
    ['a stream', () => ({ text: 'x', body: Readable.from(['x']) })],
    [
      'a generator',
      () => ({
        methods: (function* () {
          yield { amount: 1 };
        })(),
      }),
    ],
    ['more bytes than resultBytesMax', () => ({ text: 'x'.repeat(1_100_000) })],
    [
      'a getter that throws',
      () => ({
        get text(): string {
          throw new Error('no');
        },
      }),
    ],
  ])('such as %s is answered once and never run again', async (_, make) => {
    const { first, second, calls } = await repeat(make);
    expect(calls).toBe(1);
    expect(codes(first)).not.toContain('IDEMPOTENCY_RESULT_UNAVAILABLE');
    expect(codes(second)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
  });

  /** Annotates a value as the result of a field of type `Result`. */
  async function annotated(value: unknown, clock: Clock): Promise<unknown> {
    const schema = sdl(typeDefs, scalars);
    const ping = schema.getQueryType()?.getFields()['ping'];
    if (ping === undefined) throw new Error('no field');
    return new Promise((resolve, reject) => {
      ping.resolve = (_source, _args, context, info) => {
        const returnType = schema.getType('Result') as GraphQLObjectType;
        annotate(value, returnType, context, info, clock).then(resolve, reject);
      };
      void graphql({ schema, source: '{ ping }' });
    });
  }

  it('such as a query that runs when it is awaited is not run for it', async () => {
    let runs = 0;
    class LazyQuery {
      then(resolve: (value: string) => unknown): Promise<unknown> {
        runs += 1;
        return Promise.resolve('from the database').then(resolve);
      }
    }
    const value = { later: new LazyQuery(), unselected: new LazyQuery(), text: 'x' };
    await annotated(value, new ManualClock());
    expect(runs).toBe(0);
    const { first, second } = await repeat(() => value);
    expect(first.body.data).toHaveProperty('make.later', 'from the database');
    expect(codes(second)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
  });

  it('such as a promise that never settles is waited for for 30 seconds at most', async () => {
    const clock = new ManualClock();
    let failure: unknown;
    const value = { text: 'x', later: new Promise(() => undefined) };
    annotated(value, clock).catch((error: unknown) => (failure = error));
    await clock.advance(29_999);
    expect(failure).toBeUndefined();
    await clock.advance(1);
    expect(failure).toBeInstanceOf(TimeoutError);
  });
});
