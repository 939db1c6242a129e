import {
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { codes, sdl, startServer, type TestServer } from './apollo.js';

describe('a default value of the schema that would be a key keeps the server from starting (G22)', () => {
  const start = (types: string): Promise<TestServer> =>
    startServer(sdl(`type Query { ping: String } ${types}`, {}));

  it.each<[place: string, path: string, types: string]>([
    [
      'of the argument',
      'idempotencyKey',
      'type Mutation { pay(idempotencyKey: String = "k"): Int @idempotent }',
    ],
    [
      'of an argument that the mark names',
      'requestId',
      'type Mutation { pay(requestId: ID = 7): Int @idempotent(argument: "requestId") }',
    ],
    [
      'of a field of the input',
      'input.idempotencyKey',
      `input PayInput { idempotencyKey: String = "k" }
       type Mutation { pay(input: PayInput): Int @idempotent }`,
    ],
    [
      'of the whole input',
      'input.idempotencyKey',
      `input PayInput { idempotencyKey: String }
       type Mutation { pay(input: PayInput = { idempotencyKey: "k" }): Int @idempotent }`,
    ],
    [
      'of a part of the input',
      'input.meta.key',
      `input Meta { key: String }
       input PayInput { meta: Meta = { key: "k" } }
       type Mutation { pay(input: PayInput): Int @idempotent(argument: "input.meta.key") }`,
    ],
    [
      'of a field, which the default value of the whole input leaves out',
      'input.idempotencyKey',
      `input PayInput { amount: Int, idempotencyKey: String! = "k" }
       type Mutation { pay(input: PayInput = { amount: 1 }): Int @idempotent }`,
    ],
  ])('%s', async (_, path, types) => {
    await expect(start(types)).rejects.toThrow(
      `Mutation.pay: the schema gives "${path}" a default value, which would be one key for every ` +
        'request. Remove it.',
    );
  });

  it('in code', async () => {
    const fields = { idempotencyKey: { type: GraphQLString }, amount: { type: GraphQLInt } };
    const input = new GraphQLInputObjectType({ name: 'PayInput', fields });
    const schemaWith = (defaultValue: object): GraphQLSchema =>
      new GraphQLSchema({
        query: new GraphQLObjectType({ name: 'Query', fields: { ping: { type: GraphQLInt } } }),
        mutation: new GraphQLObjectType({
          name: 'Mutation',
          fields: {
            pay: {
              type: GraphQLInt,
              args: { input: { type: input, defaultValue } },
              extensions: { directives: { idempotent: {} } },
            },
          },
        }),
      });
    await expect(startServer(schemaWith({ idempotencyKey: 'k' }))).rejects.toThrow(
      'Mutation.pay: the schema gives "input.idempotencyKey" a default value',
    );
    await (await startServer(schemaWith({ amount: 1 }))).stop();
  });

  it('but not a null, nor one of another argument', async () => {
    const server = await start(
      `input PayInput { idempotencyKey: String = null, amount: Int = 5 }
       type Mutation {
         pay(idempotencyKey: String = null, input: PayInput = { amount: 6 }, note: String = "k"): Int
           @idempotent
       }`,
    );
    await server.stop();
  });
});

describe('a default value of a document that would be a key (G5)', () => {
  let server: TestServer;
  let calls: number;

  beforeAll(async () => {
    const schema = sdl(
      `input Meta { key: String, note: String }
       input PayInput { idempotencyKey: String, amount: Int, meta: Meta }
       type Query { ping: String }
       type Mutation {
         pay(input: PayInput, idempotencyKey: String): Int @idempotent
         book(input: PayInput): Int @idempotent(argument: "input.meta.key")
         plain(key: String): Int
       }`,
      {
        Mutation: { pay: () => (calls += 1), book: () => (calls += 1), plain: () => (calls += 1) },
      },
    );
    server = await startServer(schema);
  });
  beforeEach(() => {
    calls = 0;
  });
  afterAll(() => server.stop());

  it.each<[place: string, query: string, given: Record<string, unknown>]>([
    ['of the argument', 'mutation ($k: String = "k") { pay(idempotencyKey: $k) }', { k: 'k1' }],
    ['of the directive', 'mutation ($k: String = "k") { pay @idempotent(key: $k) }', { k: 'k2' }],
    [
      'of a field of the input',
      'mutation ($k: String = "k") { pay(input: { idempotencyKey: $k }) }',
      { k: 'k3' },
    ],
    [
      'of the whole input',
      'mutation ($k: PayInput = { idempotencyKey: "k" }) { pay(input: $k) }',
      { k: { idempotencyKey: 'k4' } },
    ],
    [
      'of a part of the input',
      'mutation ($k: Meta = { key: "k" }) { book(input: { meta: $k }) }',
      { k: { key: 'k5' } },
    ],
    [
      'in a fragment',
      'mutation ($k: String = "k") { ...F } fragment F on Mutation { pay @idempotent(key: $k) }',
      { k: 'k6' },
    ],
    [
      'beside a condition',
      'mutation ($k: String = "k", $on: Boolean = true) { pay(idempotencyKey: $k) @include(if: $on) }',
      { k: 'k7' },
    ],
  ])('is refused %s, unless the request has another one', async (_, query, given) => {
    const headers = { 'idempotency-key': 'k' };
    for (const request of [{ variables: {} }, { headers }]) {
      const response = await server.post(query, request);
      expect(codes(response)).toEqual(['IDEMPOTENCY_KEY_INVALID']);
      expect(response.body.errors?.[0]?.message).toBe(
        'The default value of $k is no idempotency key: it would be the same one for every request. ' +
          'Send the key as a variable.',
      );
    }
    expect(calls).toBe(0);
    expect((await server.post(query, { variables: given })).body.errors).toBeUndefined();
    expect(calls).toBe(1);
  });

  it.each([
    ['of an input without a key', 'mutation ($k: PayInput = { amount: 5 }) { pay(input: $k) }'],
    ['that is null', 'mutation ($k: String = null) { pay(idempotencyKey: $k) }'],
    ['of something else', 'mutation ($k: Int = 5) { pay(input: { amount: $k }) }'],
    ['of a mutation that is not marked', 'mutation ($k: String = "k") { plain(key: $k) pay }'],
  ])('is as any other %s', async (place, query) => {
    const headers = { 'idempotency-key': `key-${place.replaceAll(' ', '-')}` };
    expect((await server.post(query, { headers })).body.errors).toBeUndefined();
  });
});
