import { setTimeout as sleep } from 'node:timers/promises';
import { delegateToSchema } from '@graphql-tools/delegate';
import { stitchSchemas } from '@graphql-tools/stitch';
import { RenameObjectFields, wrapSchema } from '@graphql-tools/wrap';
import { GraphQLError, GraphQLScalarType } from 'graphql';
import { sdl } from './apollo.js';
import { CACHE_CONTROL, sendTwice } from './twice.js';

/** A number as decimal libraries have it: its meaning is in its methods. */
class Decimal {
  readonly #cents: number;

  constructor(text: string) {
    this.#cents = Math.round(Number(text) * 100);
  }

  mul(by: number): Decimal {
    return new Decimal(String((this.#cents * by) / 100));
  }

  toNumber(): number {
    return this.#cents / 100;
  }

  valueOf(): number {
    return this.toNumber();
  }

  toString(): string {
    return String(this.toNumber());
  }

  toJSON(): string {
    return this.toString();
  }
}

let calls: string[] = [];
beforeEach(() => {
  calls = [];
});

function called<T>(name: string, value: T): T {
  calls.push(name);
  return value;
}

const scalar = (name: string, serialize: (value: never) => unknown): GraphQLScalarType =>
  new GraphQLScalarType({ name, serialize: serialize as never });

interface Shape {
  readonly name: string;
  readonly typeDefs: string;
  readonly resolvers: object;
  readonly query: string;
  readonly kept: 'value' | 'response';
  /** The number of times that code below the root runs for the first answer. */
  readonly below?: number;
}

const SHAPES: readonly Shape[] = [
  {
    name: 'a decimal with methods',
    typeDefs: 'type P { amount: Float cents: Int } type Mutation { pay: P! @idempotent }',
    resolvers: {
      Mutation: { pay: () => ({ amount: new Decimal('12.34') }) },
      P: {
        cents: (p: { amount: Decimal }) => called('cents', p.amount.mul(100).toNumber()),
      },
    },
    query: 'mutation { pay { amount cents } }',
    kept: 'response',
    below: 1,
  },
  {
    name: 'two scalars over one DateTime object',
    typeDefs:
      'scalar Day scalar Time type P { day: Day! time: Time! } type Mutation { pay: P @idempotent }',
    resolvers: {
      Day: scalar('Day', (at: { iso: string }) => called('Day', at.iso.slice(0, 10))),
      Time: scalar('Time', (at: { iso: string }) => called('Time', at.iso.slice(11))),
      Mutation: {
        pay: () => {
          const at = new (class DateTime {
            readonly iso = '2026-01-02T03:04:05Z';
            toMillis(): number {
              return Date.parse(this.iso);
            }
          })();
          return { day: at, time: at };
        },
      },
    },
    query: 'mutation { pay { day time } }',
    kept: 'response',
    below: 2,
  },
  {
    name: 'an instance with a method',
    typeDefs: 'type P { id: ID! refunds: [String!]! } type Mutation { pay: P! @idempotent }',
    resolvers: {
      Mutation: {
        pay: () =>
          new (class Payment {
            readonly id = 'p1';
            refunds(): string[] {
              return called('refunds', ['r1']);
            }
          })(),
      },
    },
    query: 'mutation { pay { id refunds } }',
    kept: 'response',
    below: 1,
  },
  {
    name: 'a hidden property',
    typeDefs: 'type P { id: ID! currency: String! } type Mutation { pay: P! @idempotent }',
    resolvers: {
      Mutation: {
        pay: () => Object.defineProperty({ id: 1 }, 'currency', { value: 'EUR' }),
      },
    },
    query: 'mutation { pay { id currency } }',
    kept: 'response',
  },
  {
    name: 'a Proxy with virtual properties',
    typeDefs: 'type P { id: ID! currency: String } type Mutation { pay: P! @idempotent }',
    resolvers: {
      Mutation: {
        pay: () =>
          new Proxy(
            {},
            { get: (_, name) => (name === 'currency' ? 'EUR' : name === 'id' ? 1 : undefined) },
          ),
      },
    },
    query: 'mutation { pay { id currency } }',
    kept: 'response',
  },
  {
    name: 'an error told apart inside of a result',
    typeDefs: `
      interface Failed { message: String! }
      type Declined implements Failed { message: String! code: String }
      type Broken implements Failed { message: String! }
      union Out = Declined | Broken
      type P { out: Out! failed: Failed! }
      type Mutation { pay: P! @idempotent }`,
    resolvers: {
      Mutation: {
        pay: () => {
          class CardError extends Error {
            readonly code = 'NO_FUNDS';
          }
          const out = { error: new CardError('declined'), message: 'declined', code: 'NO_FUNDS' };
          return { out, failed: out };
        },
      },
      Out: {
        __resolveType: (o: { error: Error }) =>
          called('Out', o.error.constructor.name === 'CardError' ? 'Declined' : 'Broken'),
      },
      Failed: {
        __resolveType: (o: { error: Error }) =>
          called('Failed', o.error.constructor.name === 'CardError' ? 'Declined' : 'Broken'),
      },
    },
    query:
      'mutation { pay { out { __typename ... on Declined { code message } } failed { __typename message } } }',
    kept: 'response',
    below: 2,
  },
  {
    name: 'plain data with everything the codec keeps',
    typeDefs: `
      scalar Any
      type P { id: ID! at: String tags: [String!] any: Any big: String }
      type Mutation { pay: P! @idempotent }`,
    resolvers: {
      Any: scalar('Any', (value: unknown) => value),
      P: {
        big: (p: { big: bigint }) => String(p.big),
        at: (p: { at: Date }) => p.at.toISOString(),
      },
      Mutation: {
        pay: () => ({ id: 1, at: new Date(5), tags: new Set(['a']), any: { deep: [1] }, big: 7n }),
      },
    },
    query: 'mutation { pay { id at tags any big } }',
    kept: 'value',
  },
  {
    name: 'errors at nested paths, and a null that goes up to an ancestor',
    typeDefs: `
      type Item { name: String! note: String }
      type P { id: ID! items: [Item]! first: Item }
      type Mutation { pay: P @idempotent }`,
    resolvers: {
      Item: {
        name: (item: { name: string }) => {
          calls.push('name');
          if (item.name === 'bad')
            throw new GraphQLError('No name.', { extensions: { code: 'BAD_NAME' } });
          return item.name;
        },
        note: () => {
          throw new Error('No note.');
        },
      },
      Mutation: {
        pay: () => ({
          id: 1,
          items: [{ name: 'a' }, { name: 'bad' }],
          first: { name: 'bad' },
          x: () => 1,
        }),
      },
    },
    query: 'mutation { pay { id items { name note } first { name } } }',
    kept: 'response',
    below: 3,
  },
  {
    name: 'a null that goes up to the field',
    typeDefs: 'type P { id: ID! bad: String! } type Mutation { pay: P @idempotent }',
    resolvers: { Mutation: { pay: () => ({ id: 1, bad: () => called('bad', null) }) } },
    query: 'mutation { pay { id bad } }',
    kept: 'response',
    below: 1,
  },
  {
    name: 'a null that goes up to data',
    typeDefs: 'type P { id: ID! bad: String! } type Mutation { pay: P! @idempotent }',
    resolvers: { Mutation: { pay: () => ({ id: 1, bad: () => called('bad', null) }) } },
    query: 'mutation { pay { id bad } }',
    kept: 'response',
    below: 1,
  },
  {
    name: 'lists of lists of instances, under unions and interfaces',
    typeDefs: `
      interface Node { id: ID! }
      type Card implements Node { id: ID! last4: String! }
      type Bank implements Node { id: ID! iban: String! }
      union Method = Card | Bank
      type P { grid: [[Method!]!]! nodes: [Node] }
      type Mutation { pay: P! @idempotent list: [Node!]! @idempotent }`,
    resolvers: (() => {
      class Card {
        readonly last4 = '4242';
        constructor(readonly id: string) {}
        mask(): string {
          return this.last4;
        }
      }
      class Bank {
        readonly iban = 'DE1';
        constructor(readonly id: string) {}
        mask(): string {
          return this.iban;
        }
      }
      const typeOf = (o: object): string => called('type', o instanceof Card ? 'Card' : 'Bank');
      return {
        Method: { __resolveType: typeOf },
        Node: { __resolveType: typeOf },
        Mutation: {
          pay: () => ({
            grid: [[new Card('c1'), new Bank('b1')], [], [new Card('c2')]],
            nodes: [new Bank('b2'), null],
          }),
          list: () => [new Card('c3')],
        },
      };
    })(),
    query: `mutation {
      pay { grid { ...M } nodes { __typename id } }
      list { id ... on Card { last4 } }
    }
    fragment M on Method { __typename ... on Card { last4 } ... on Bank { iban } }`,
    kept: 'response',
    below: 5,
  },
  {
    name: 'the same field twice with other arguments',
    typeDefs: 'type P { money(in: String!): String } type Mutation { pay: P @idempotent }',
    resolvers: {
      Mutation: {
        pay: () => ({
          money: ({ in: currency }: { in: string }) => called('money', `1 ${currency}`),
        }),
      },
    },
    query: 'mutation { pay { eur: money(in: "EUR") usd: money(in: "USD") } }',
    kept: 'response',
    below: 2,
  },
  {
    name: 'a scalar that rejects its own output',
    typeDefs: 'scalar Odd type P { odd: Odd! id: ID } type Mutation { pay: P @idempotent }',
    resolvers: {
      Odd: new GraphQLScalarType({
        name: 'Odd',
        serialize: (value) => {
          calls.push('Odd');
          if (typeof value === 'string') throw new TypeError('Only objects.');
          return 'odd';
        },
      }),
      Mutation: {
        pay: () => ({
          id: 1,
          odd: new (class Odd {
            more(): void {}
          })(),
        }),
      },
    },
    query: 'mutation { pay { id odd } }',
    kept: 'response',
    below: 1,
  },
  {
    name: 'an enum whose values are objects',
    typeDefs: 'enum C { EUR USD } type P { currency: C! } type Mutation { pay: P! @idempotent }',
    resolvers: (() => {
      const C = { EUR: { code: 'EUR' }, USD: { code: 'USD' } };
      return { C, Mutation: { pay: () => ({ currency: C.EUR }) } };
    })(),
    query: 'mutation { pay { currency } }',
    kept: 'response',
  },
  {
    name: 'root fields that are scalars, enums and lists',
    typeDefs: `
      scalar Money enum C { EUR }
      type Mutation { money: Money! @idempotent list: [Money!]! @idempotent one: C! @idempotent maybe: Money @idempotent }`,
    resolvers: (() => {
      class Money {
        cents = 5;
        format(): string {
          return '5';
        }
      }
      return {
        Money: scalar('Money', (m: { format(): string }) => called('Money', m.format())),
        C: {
          EUR: new (class Code {
            is(): boolean {
              return true;
            }
          })(),
        },
        Mutation: {
          money: () => new Money(),
          list: () => [new Money()],
          one: () => undefined,
          maybe: () => new Money(),
        },
      };
    })(),
    query: 'mutation { money list maybe }',
    kept: 'response',
    below: 3,
  },
];

describe.each(CACHE_CONTROL)('what a resolver returns, %s (G2)', (_, apollo) => {
  it.each(SHAPES.map((shape): [string, Shape] => [shape.name, shape]))(
    'is answered twice alike: %s',
    async (__, { typeDefs, resolvers, query, kept, below = 0 }) => {
      const schema = sdl(`type Query { ping: String } ${typeDefs}`, resolvers);
      let belowFirst = 0;
      const twice = await sendTwice(schema, query, {
        apollo,
        between: () => {
          belowFirst = calls.length;
        },
      });
      const { first, second } = twice;
      expect(second.body.data).toEqual(first.body.data);
      expect(second.body.errors).toEqual(first.body.errors);
      expect(new Set(Object.values(twice.kept))).toEqual(new Set([kept]));
      for (const report of Object.values(second.body.extensions?.idempotency ?? {})) {
        expect(report['status']).toBe('replayed');
      }
      if (kept === 'response') {
        expect(belowFirst).toBe(below);
        expect(calls).toHaveLength(belowFirst);
      }
    },
  );

  it('may have getters that reject or load: nothing is asked that was not selected', async () => {
    const row = {
      id: 1,
      get owner() {
        calls.push('owner');
        return Promise.reject(new Error('No owner.'));
      },
      later: sleep(30_000, 'late', { ref: false }),
    };
    const schema = sdl(
      'type Query { a: Int } type P { id: ID owner: String } type Mutation { pay: P @idempotent }',
      { Mutation: { pay: () => row } },
    );
    const { first, second } = await sendTwice(schema, 'mutation { pay { id } }', { apollo });
    expect(first.body.data).toEqual({ pay: { id: '1' } });
    expect(second.body.data).toEqual(first.body.data);
    expect(calls).toEqual([]);
  });

  it('may be relations that load one another without end', async () => {
    class Payment {
      readonly id = 'p1';
      get user(): Promise<User> {
        calls.push('user');
        return sleep(1, new User());
      }
    }
    class User {
      get payments(): Promise<Payment[]> {
        calls.push('payments');
        return sleep(1, [new Payment()]);
      }
    }
    const schema = sdl(
      `type Query { a: Int } type P { id: ID user: U } type U { payments: [P] }
       type Mutation { pay: P @idempotent }`,
      { Mutation: { pay: () => new Payment() } },
    );
    const query = 'mutation { pay { user { payments { id } } } }';
    const { first, second } = await sendTwice(schema, query, { apollo });
    expect(first.body.data).toEqual({ pay: { user: { payments: [{ id: 'p1' }] } } });
    expect(second.body.data).toEqual(first.body.data);
    expect(calls).toEqual(['user', 'payments']);
  });

  it('may be told apart by formatError', async () => {
    class ConflictError extends GraphQLError {}
    const schema = sdl('type Query { a: Int } type Mutation { pay: Int @idempotent }', {
      Mutation: {
        pay: () => {
          throw new ConflictError('Taken.', { extensions: { code: 'CONFLICT' } });
        },
      },
    });
    const { first, second } = await sendTwice(schema, 'mutation { pay }', {
      apollo: {
        ...apollo,
        formatError: (formatted, error) => ({
          ...formatted,
          message:
            (error as GraphQLError).originalError instanceof ConflictError ||
            error instanceof ConflictError
              ? 'A conflict.'
              : 'Internal.',
        }),
      },
      again: 'mutation { again: pay }',
    });
    expect(first.body.errors?.[0]?.message).toBe('A conflict.');
    expect(second.body.errors).toMatchObject([
      { message: 'A conflict.', path: ['again'], extensions: { code: 'CONFLICT' } },
    ]);
  });
});

describe('results of other schemas (G2)', () => {
  const remote = sdl(
    `type Query { ping: String } type User { name: String! }
     type Payment { id: ID! amount: Int! user: User! }
     type Mutation { pay: Payment! }`,
    { Mutation: { pay: () => ({ id: 'p1', amount: 5, user: { name: 'Ada' } }) } },
  );

  it('are answered twice alike behind wrapSchema', async () => {
    const wrapped = wrapSchema({
      schema: sdl(
        `type Query { ping: String } type User { name: String! }
         type Payment { id: ID! amount: Int! user: User! }
         type Mutation { pay: Payment! @idempotent }`,
        { Mutation: { pay: () => ({ id: 'p1', amount: 5, user: { name: 'Ada' } }) } },
      ),
    });
    const query = 'mutation { pay { id total: amount who: user { n: name } } }';
    const { first, second } = await sendTwice(wrapped, query);
    expect(first.body.data).toEqual({ pay: { id: 'p1', total: 5, who: { n: 'Ada' } } });
    expect(second.body.data).toEqual(first.body.data);
    expect(second.body.errors).toBeUndefined();
  });

  it('are answered twice alike behind stitchSchemas with a renamed field', async () => {
    const renamed = wrapSchema({
      schema: remote,
      transforms: [
        new RenameObjectFields((type, name) =>
          type === 'Payment' && name === 'amount' ? 'total' : name,
        ),
      ],
    });
    const stitched = stitchSchemas({
      subschemas: [renamed],
      typeDefs: 'extend type Mutation { buy: Payment! @idempotent }',
      resolvers: {
        Mutation: {
          buy: (_: unknown, __: unknown, context: unknown, info: never): unknown =>
            delegateToSchema({
              schema: renamed,
              fieldName: 'pay',
              context: context as never,
              info,
            }),
        },
      },
    });
    const { first, second } = await sendTwice(
      stitched,
      'mutation { buy { t: total user { name } } }',
    );
    expect(first.body.data).toEqual({ buy: { t: 5, user: { name: 'Ada' } } });
    expect(second.body.data).toEqual(first.body.data);
  });
});
