import { GraphQLScalarType } from 'graphql';
import { codes, sdl, startServer, type TestServer } from './apollo.js';

/** A value whose meaning only its scalar knows. */
class Cents {
  readonly #amount: number;
  constructor(amount: number) {
    this.#amount = amount;
  }
  get amount(): number {
    return this.#amount;
  }
}

const typeDefs = /* GraphQL */ `
  scalar Money
  scalar Opaque
  scalar Any
  enum Level {
    LOW
    HIGH
  }
  input Node {
    level: Level
    money: Money
    any: Any
    children: [Node]
  }
  type Query {
    ping: String
  }
  type Mutation {
    put(node: Node, level: Level = LOW, levels: [Level], opaque: Opaque, any: Any): Int @idempotent
  }
`;

describe('arguments with types of their own (G7)', () => {
  let server: TestServer;
  let calls: number;

  beforeEach(async () => {
    calls = 0;
    const schema = sdl(typeDefs, {
      // Internal values of enums can be anything; what counts is their name.
      Level: { LOW: { deep: [1] }, HIGH: Symbol('high') },
      Money: new GraphQLScalarType<Cents, string>({
        name: 'Money',
        serialize: (value) => String((value as Cents).amount),
        parseValue: (value) => new Cents(Number(value)),
        parseLiteral: (node) => new Cents('value' in node ? Number(node.value) : NaN),
      }),
      Opaque: new GraphQLScalarType({
        name: 'Opaque',
        serialize: () => {
          throw new Error('never');
        },
        parseValue: () => new Cents(1),
      }),
      Any: new GraphQLScalarType({
        name: 'Any',
        parseValue: (value) => {
          switch (value) {
            case 'date':
              return new Date(5);
            case 'bigint':
              return 5n;
            case 'bytes':
              return Buffer.from([5]);
            case 'nan':
              return NaN;
            case 'function':
              return () => 5;
            case 'cycle': {
              const cycle: unknown[] = [];
              cycle.push(cycle);
              return cycle;
            }
            case 'throws':
              return {
                get a(): never {
                  throw new Error('secret');
                },
              };
            default:
              return value;
          }
        },
      }),
      Mutation: { put: () => (calls += 1) },
    });
    server = await startServer(schema);
  });
  afterEach(() => server.stop());

  const key = { headers: { 'idempotency-key': 'k1' } };
  const PUT =
    'mutation ($node: Node, $level: Level, $levels: [Level], $opaque: Opaque, $any: Any) { put(node: $node, level: $level, levels: $levels, opaque: $opaque, any: $any) }';

  async function puts(...requests: { query?: string; variables?: object }[]): Promise<unknown[]> {
    const results: unknown[] = [];
    for (const { query = PUT, variables = {} } of requests) {
      const response = await server.post(query, { ...key, variables: { ...variables } });
      results.push(codes(response)[0] ?? response.body.data?.['put']);
    }
    return results;
  }

  it('are compared by the names of enums, nested and listed too', async () => {
    const node = { level: 'HIGH', children: [{ level: 'LOW' }] };
    const one = { variables: { node, level: 'HIGH', levels: ['LOW', 'HIGH'] } };
    const literal = {
      query:
        'mutation { put(levels: [LOW, HIGH], level: HIGH, node: { children: { level: LOW }, level: HIGH }) }',
    };
    const other = { variables: { ...one.variables, levels: ['HIGH', 'LOW'] } };
    expect(await puts(one, literal, other)).toEqual([1, 1, 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
  });

  it('are compared by what the client sent for their scalars', async () => {
    const money = (amount: unknown): object => ({ variables: { node: { money: amount } } });
    expect(await puts(money(5), money(5), money(6), money('5'))).toEqual([
      1,
      1,
      'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
      'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
    ]);
    const literal = { query: 'mutation { put(node: { money: 5 }) }' };
    expect(await puts(literal)).toEqual([1]);
  });

  it.each(['date', 'bigint', 'bytes', 'nan', 'function', 'cycle', 'throws'])(
    'may hold a %s',
    async (kind) => {
      const request = { variables: { any: kind } };
      expect(await puts(request, request)).toEqual([1, 1]);
    },
  );

  it('need no form that their scalar writes', async () => {
    const opaque = (value: number): object => ({ variables: { opaque: value } });
    expect(await puts(opaque(1), opaque(1), opaque(2))).toEqual([
      1,
      1,
      'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
    ]);
    expect(calls).toBe(1);
  });
});
