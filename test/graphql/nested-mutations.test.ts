import type { ApolloServerPlugin } from '@apollo/server';
import { buildSchema, parse, versionInfo } from 'graphql';
import { plugin } from '../../src/codegen/index.js';
import { idempotentTypeDefs } from '../../src/index.js';
import { codes, sdl, startServer, type TestContext, type TestServer } from './apollo.js';

const typeDefs = /* GraphQL */ `
  interface Payments {
    pay: PayPayload @deprecated
  }
  interface Root {
    ping: String
  }
  union Anything = Mutation | Query
  type PayPayload {
    id: ID
    mutation: Mutation
    payments: Payments
    anything: Anything
    root: Root
    list: [[Mutation!]!]
    query: Query
  }
  type Query implements Root {
    ping: String
    mutation: Mutation
  }
  type Mutation implements Payments & Root {
    ping: String
    pay: PayPayload @idempotent
    plain: PayPayload
  }
  type Subscription {
    paid: PayPayload
  }
`;
const FRAGMENT_ARGUMENTS = ['allowLegacyFragmentVariables', 'experimentalFragmentArguments'];
const REFUSAL =
  'Mutation.pay is idempotent and can only be a root field of a mutation, not below one.';

describe('a marked mutation below the root (G17)', () => {
  let server: TestServer;
  let calls: number;

  beforeEach(async () => {
    calls = 0;
    const mutation = { __typename: 'Mutation' };
    const payload = {
      id: '1',
      mutation,
      payments: mutation,
      anything: mutation,
      root: mutation,
      list: [[mutation]],
      query: {},
    };
    const pay = (): object => {
      calls += 1;
      return payload;
    };
    const schema = sdl(typeDefs, {
      Query: { mutation: () => mutation },
      Mutation: { pay, plain: () => payload },
      Subscription: { paid: { subscribe: () => undefined } },
    });
    server = await startServer(schema, { fieldsMax: 1 });
  });
  afterEach(() => server.stop());

  it.each([
    ['in its own payload', 'mutation { pay { mutation { pay { id } } } }'],
    ['under 50 aliases', `mutation { pay { ${aliases(50)} } }`],
    ['below an unmarked mutation', 'mutation { plain { mutation { pay { id } } } }'],
    ['deeper', 'mutation { plain { mutation { plain { query { mutation { pay { id } } } } } } }'],
    ['in lists', 'mutation { plain { list { pay { id } } } }'],
    ['in a query', '{ mutation { pay { id } } }'],
    ['in an inline fragment', 'mutation { plain { mutation { ... { pay { id } } } } }'],
    [
      'in a fragment',
      'mutation { plain { ...P } } fragment P on PayPayload { mutation { ...M } } fragment M on Mutation { pay { id } }',
    ],
    [
      'in a fragment that the root uses as well',
      'mutation { ...M } fragment M on Mutation { pay { mutation { ...N } } } fragment N on Mutation { pay { id } }',
    ],
    [
      'in a fragment of the root, spread once more below it',
      'mutation { ...M plain { mutation { ...M } } } fragment M on Mutation { pay { id } }',
    ],
    ['behind an interface', 'mutation { plain { payments { pay { id } } } }'],
    ['behind another interface', 'mutation { plain { root { ... on Mutation { pay { id } } } } }'],
    ['behind both', 'mutation { plain { root { ... on Payments { pay { id } } } } }'],
    ['behind a union', 'mutation { plain { anything { ... on Mutation { pay { id } } } } }'],
    ['that is skipped', 'mutation { plain { mutation { pay @skip(if: true) { id } } } }'],
  ])('is refused before anything runs: %s', async (_, query) => {
    const response = await server.post(query, { headers: { 'idempotency-key': 'k1' } });
    expect(response.status).toBe(400);
    expect(codes(response)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(response.body.errors?.[0]?.message).toBe(REFUSAL);
    expect(calls).toBe(0);
    const documents = [{ document: parse(query.replace(/^mutation /, 'mutation Op ')) }];
    expect(() => plugin(buildSchema(`${idempotentTypeDefs} ${typeDefs}`), documents)).toThrow(
      REFUSAL,
    );
  });

  it.each([
    ['alone', 'mutation { pay { id } }'],
    ['in fragments', 'mutation { ...M } fragment M on Payments { ... on Mutation { pay { id } } }'],
    ['beside an unmarked one below it', 'mutation { pay { mutation { plain { id } } } }'],
    ['beside names below it', 'mutation { pay { mutation { pay: ping __typename } } }'],
    [
      'in a fragment that nothing uses below',
      'mutation { ...M } fragment M on Mutation { pay { id } }',
    ],
  ])('leaves a root field as it is: %s', async (_, query) => {
    const response = await server.post(query, { headers: { 'idempotency-key': 'k1' } });
    expect(response.body.errors).toBeUndefined();
    expect(calls).toBe(1);
  });

  it('is refused for a document that was refused before as well', async () => {
    const query = 'mutation { pay { mutation { pay { id } } } }';
    await server.post(query);
    expect(codes(await server.post(query))).toEqual(['GRAPHQL_VALIDATION_FAILED']);
  });
});

it('refuses a marked mutation in a fragment with variables, whose values are not those of the operation', async () => {
  const server = await startServer(
    sdl('type Query { ping: Int } type Mutation { pay(n: Int): Int @idempotent }', {
      Mutation: { pay: () => 1 },
    }),
    {},
    // As graphql 16 calls them, and graphql 17.
    { parseOptions: Object.fromEntries(FRAGMENT_ARGUMENTS.map((name) => [name, true])) },
  );
  const spread = versionInfo.major === 16 ? '($n: Int) { ...F }' : '{ ...F(n: 1) }';
  const query = `mutation ${spread} fragment F($n: Int) on Mutation { pay(n: $n) }`;
  const response = await server.post(query, { headers: { 'idempotency-key': 'k1' } });
  expect(response.body.errors?.[0]?.message).toBe(
    'Mutation.pay cannot be selected in "F", a fragment with variables.',
  );
  await server.stop();
});

it('makes a new error for every request: what a plugin adds to one is not read by the next caller', async () => {
  const errors: object[] = [];
  const adds: ApolloServerPlugin<TestContext> = {
    requestDidStart: () =>
      Promise.resolve({
        didEncounterErrors: ({ errors: found, contextValue }) => {
          for (const error of found) {
            errors.push(error);
            error.extensions['seenBy'] ??= contextValue.user;
          }
          return Promise.resolve();
        },
      }),
  };
  const server = await startServer(
    sdl('type Query { ping: Int } type Mutation { pay(k: String): Int @idempotent }', {
      Mutation: { pay: () => 1 },
    }),
    { fieldsMax: 1 },
    { plugins: [adds] },
  );
  for (const query of [
    '{ ping @idempotent(key: "k") }',
    'mutation { pay }',
    'mutation { a: pay b: pay }',
    'mutation { pay @idempotent(key: "") }',
  ]) {
    for (const user of ['alice', 'bob']) {
      const response = await server.post(query, { user });
      expect(response.body.errors?.[0]?.extensions).toMatchObject({ seenBy: user });
    }
  }
  expect(new Set(errors).size).toBe(8);
  await server.stop();
});

/** Selections of the mutation below a mutation. */
function aliases(count: number): string {
  return Array.from(
    { length: count },
    (_, index) => `m${String(index)}: mutation { pay { id } }`,
  ).join(' ');
}
