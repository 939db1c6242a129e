import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Decimal } from 'decimal.js';
import { GraphQLError, GraphQLScalarType, specifiedDirectives } from 'graphql';
import { DateTime } from 'luxon';
import {
  buildSchemaSync,
  createUnionType,
  Field,
  Float,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import { idempotentDirective } from '../../src/index.js';
import { Idempotent } from '../../src/type-graphql/index.js';
import { CACHE_CONTROL, sendTwice } from '../graphql/twice.js';

let calls: string[] = [];
let unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeAll(() => {
  process.on('unhandledRejection', note);
});
afterAll(() => {
  process.off('unhandledRejection', note);
});
beforeEach(() => {
  calls = [];
  unhandled = [];
});

function called<T>(name: string, value: T): T {
  calls.push(name);
  return value;
}

const dateScalar = (name: string, format: string): GraphQLScalarType =>
  new GraphQLScalarType({
    name,
    serialize: (at) => called(name, (at as DateTime).toFormat(format)),
  });
const Day = dateScalar('Day', 'yyyy-MM-dd');
const Time = dateScalar('Time', 'HH:mm');

@ObjectType()
class Priced {
  @Field(() => Float)
  amount!: Decimal;

  @Field(() => Int)
  get cents(): number {
    return called('cents', this.amount.mul(100).toNumber());
  }
}

@ObjectType()
class Slot {
  @Field(() => Day)
  day!: DateTime;

  @Field(() => Time)
  time!: DateTime;
}

@ObjectType()
class Owned {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  get owner(): Promise<string> {
    calls.push('owner');
    return Promise.reject(new Error('No owner.'));
  }
}

@ObjectType()
class Loaded {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  later?: Promise<string>;
}

@ObjectType()
class User {
  @Field(() => ID)
  id!: string;

  @Field(() => [Payment])
  get payments(): Promise<Payment[]> {
    calls.push('payments');
    return sleep(2, [Object.assign(new Payment(), { id: 'p1' })]);
  }
}

@ObjectType()
class Payment {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { nullable: true })
  currency?: string;

  @Field(() => User)
  get user(): Promise<User> {
    calls.push('user');
    return sleep(2, Object.assign(new User(), { id: 'u1' }));
  }

  @Field(() => String)
  refund(): string {
    return called('refund', 'refunded');
  }
}

class CardError extends Error {
  readonly code = 'NO_FUNDS';
}

@ObjectType()
class Declined {
  @Field(() => String)
  message!: string;

  error!: Error;
}

@ObjectType()
class Broken {
  @Field(() => String)
  message!: string;

  error!: Error;
}

const Result = createUnionType({
  name: 'Result',
  types: () => [Declined, Broken] as const,
  resolveType: ({ error }) => called('type', error instanceof CardError ? 'Declined' : 'Broken'),
});

@ObjectType()
class Item {
  @Field(() => String)
  name(): string {
    calls.push('name');
    throw new GraphQLError('No name.', { extensions: { code: 'NO_NAME' } });
  }
}

@ObjectType()
class Cart {
  @Field(() => ID)
  id!: string;

  @Field(() => [[Item]], { nullable: 'items' })
  grid!: Item[][];

  // A function of its own: it is more than plain data.
  total = (): number => 1;
}

class ConflictError extends GraphQLError {}

@Resolver()
class Rows {
  @Query(() => String)
  ping(): string {
    return 'pong';
  }

  @Mutation(() => Priced)
  @Idempotent()
  price(): Priced {
    return Object.assign(new Priced(), { amount: new Decimal('12.34') });
  }

  @Mutation(() => Slot)
  @Idempotent()
  book(): Slot {
    const at = DateTime.fromISO('2026-01-02T03:04:05Z', { zone: 'utc' });
    return Object.assign(new Slot(), { day: at, time: at });
  }

  @Mutation(() => Owned)
  @Idempotent()
  own(): Owned {
    return Object.assign(new Owned(), { id: 'o1' });
  }

  @Mutation(() => Loaded)
  @Idempotent()
  load(): Loaded {
    const later = sleep(30_000, 'late', { ref: false });
    return Object.assign(new Loaded(), { id: 'l1', later });
  }

  @Mutation(() => Payment)
  @Idempotent()
  pay(): Payment {
    return Object.assign(new Payment(), { id: 'p1' });
  }

  @Mutation(() => Payment)
  @Idempotent()
  hide(): Payment {
    const payment = Object.assign(new Payment(), { id: 'p1' });
    return Object.defineProperty(payment, 'currency', { value: 'EUR', enumerable: false });
  }

  @Mutation(() => Payment)
  @Idempotent()
  proxy(): Payment {
    return new Proxy(new Payment(), {
      get: (target, name) => (name === 'id' ? 'p1' : (Reflect.get(target, name) as unknown)),
    });
  }

  @Mutation(() => Result)
  @Idempotent()
  decline(): Declined | Broken {
    const error = new CardError('declined');
    return Object.assign(new Declined(), { message: error.message, error });
  }

  @Mutation(() => Cart)
  @Idempotent()
  fill(): Cart {
    return Object.assign(new Cart(), { id: 'c1', grid: [[new Item()], [], [new Item()]] });
  }

  @Mutation(() => Int)
  @Idempotent()
  conflict(): number {
    throw new ConflictError('Taken.', { extensions: { code: 'CONFLICT' } });
  }
}

const schema = () =>
  buildSchemaSync({
    resolvers: [Rows],
    directives: [...specifiedDirectives, idempotentDirective],
    validate: false,
  });

interface Row {
  readonly what: string;
  readonly query: string;
  readonly kept: 'value' | 'response';
  /** What the first answer calls below the root; a response replay calls nothing. */
  readonly below: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    what: 'a decimal, and a getter that counts with it',
    query: 'mutation { price { amount cents } }',
    ...{ kept: 'response', below: ['cents'] },
  },
  {
    what: 'two scalars over one DateTime',
    query: 'mutation { book { day time } }',
    ...{ kept: 'response', below: ['Day', 'Time'] },
  },
  {
    what: 'a getter that rejects, and was not selected',
    query: 'mutation { own { id } }',
    ...{ kept: 'value', below: [] },
  },
  {
    what: 'a promise of half a minute that was not selected',
    query: 'mutation { load { id } }',
    ...{ kept: 'response', below: [] },
  },
  {
    what: 'relations that load one another',
    query: 'mutation { pay { user { payments { id refund } } } }',
    ...{ kept: 'value', below: ['user', 'payments', 'refund'] },
  },
  {
    what: 'a hidden property',
    query: 'mutation { hide { id currency } }',
    ...{ kept: 'response', below: [] },
  },
  {
    what: 'a Proxy with virtual properties',
    query: 'mutation { proxy { id refund } }',
    ...{ kept: 'response', below: ['refund'] },
  },
  {
    what: 'an error inside of a result, by which types are told apart',
    query: 'mutation { decline { __typename ... on Declined { message } } }',
    ...{ kept: 'response', below: ['type'] },
  },
  {
    what: 'lists of lists with errors, and nulls that go up',
    query: 'mutation { fill { id grid { name } } }',
    ...{ kept: 'response', below: ['name', 'name'] },
  },
];

describe.each(CACHE_CONTROL)('what TypeGraphQL resolvers return, %s (G2)', (_, apollo) => {
  it.each(ROWS.map((row): [string, Row] => [row.what, row]))(
    'is answered twice alike: %s',
    async (__, { query, kept, below }) => {
      let first: string[] = [];
      const twice = await sendTwice(schema(), query, {
        apollo,
        between() {
          first = calls;
          calls = [];
        },
      });
      expect(twice.first.body.data).not.toBeUndefined();
      expect(twice.second.body.data).toEqual(twice.first.body.data);
      expect(twice.second.body.errors).toEqual(twice.first.body.errors);
      expect(Object.values(twice.kept)).toEqual([kept]);
      expect(first).toEqual(below);
      expect(calls).toEqual(kept === 'response' ? [] : below);
      await new Promise(setImmediate);
      expect(unhandled).toEqual([]);
    },
  );

  it('may be an error that formatError tells apart', async () => {
    const { first, second, kept } = await sendTwice(schema(), 'mutation { conflict }', {
      apollo: {
        ...apollo,
        formatError: (formatted, error) => ({
          ...formatted,
          message:
            error instanceof GraphQLError && error.originalError instanceof ConflictError
              ? 'A conflict.'
              : 'Internal.',
        }),
      },
    });
    expect(first.body.errors).toMatchObject([{ message: 'A conflict.' }]);
    expect(second.body.errors).toEqual(first.body.errors);
    expect(kept).toEqual({ conflict: 'response' });
  });
});
