import { ApolloServer } from '@apollo/server';
import { buildSchema, type GraphQLSchema } from 'graphql';
import {
  applyIdempotency,
  idempotencyPlugin,
  idempotentTypeDefs,
  MemoryStore,
} from '../../src/index.js';
import { codes, sdl, startServer } from './apollo.js';

async function refusal(start: () => Promise<unknown>): Promise<string> {
  const error: unknown = await start().catch((reason: unknown) => reason);
  return error instanceof Error ? error.message : 'It started.';
}

describe('a server that starts (G22)', () => {
  const query = 'type Query { ping: String }';

  it('is refused with one message that lists every problem', async () => {
    const schema = sdl(
      `scalar Upload
       input FileInput { file: Upload }
       type Query { ping: String @idempotent }
       type Payment { id: ID @idempotent }
       type Mutation {
         a(amount: Int): Int @idempotent(ttlSeconds: 0)
         b(amount: Int): Int @idempotent(argument: "input.key")
         c(amount: Int): Int @idempotent(argument: "amount")
         d(input: FileInput): Int @idempotent
         e: Payment @idempotent(key: "k")
       }`,
      {},
    );
    const message = await refusal(() =>
      startServer(schema, {
        store: undefined as never,
        scope: undefined as never,
        leaseMs: 5,
        header: 'bad header',
        onCrash: 'MAYBE' as never,
        ignoreArguments: { 'Mutation.a': ['nothing'], 'Mutation.x': [] },
        recover: { 'Mutation.y': () => 'RERUN' },
      }),
    );
    for (const part of [
      'store is missing',
      'scope is missing',
      'leaseMs must be a whole number from 1000 to 3600000, not 5',
      'header must be an HTTP header name',
      'onCrash must be "REJECT" or "RERUN", not "MAYBE"',
      'Query.ping is marked @idempotent, but only root mutation fields can be',
      'Payment.id is marked @idempotent',
      'Mutation.a: ttlSeconds must be a whole number from 1 to 34560000, not 0',
      'Mutation.b has no argument "input.key"',
      'Mutation.c: "amount" must be a String or an ID',
      'Mutation.d: "input.file" is an upload',
      'Mutation.e: key belongs into documents',
      'Mutation.a: ignoreArguments names "nothing"',
      'ignoreArguments names Mutation.x',
      'recover names Mutation.y',
    ]) {
      expect(message).toContain(part);
    }
  });

  it('is refused for an unknown argument of the directive', async () => {
    const schema = buildSchema(
      `directive @idempotent(ttl: Int) on FIELD_DEFINITION
       ${query} type Mutation { a: Int @idempotent(ttl: 1) }`,
    );
    expect(await refusal(() => startServer(schema))).toContain('@idempotent has no argument "ttl"');
    expect(() => applyIdempotency(schema)).toThrow('@idempotent has no argument "ttl"');
  });

  it('says what is missing when there are no options at all', async () => {
    const schema = sdl(`${query} type Mutation { a: Int @idempotent }`, {});
    const server = new ApolloServer({ schema, plugins: [(idempotencyPlugin as () => object)()] });
    await expect(server.start()).rejects.toThrow(/store is missing[^]*scope is missing/);
  });

  it('wraps a field once, however often it is asked to', async () => {
    let calls = 0;
    const schema: GraphQLSchema = sdl(`${query} type Mutation { a: Int @idempotent }`, {
      Mutation: { a: () => (calls += 1) },
    });
    applyIdempotency(applyIdempotency(schema));
    const [one, two] = [await startServer(schema), await startServer(schema)];
    const headers = { 'idempotency-key': 'k1' };
    expect((await one.post('mutation { a }', { headers })).body.data).toEqual({ a: 1 });
    expect((await one.post('mutation { a }', { headers })).body.data).toEqual({ a: 1 });
    // Another server over the same schema keeps its own records.
    expect((await two.post('mutation { a }', { headers })).body.data).toEqual({ a: 2 });
    await one.stop();
    await two.stop();
  });

  it('has marked mutations that do not run without the plugin', async () => {
    const schema = applyIdempotency(
      sdl(`${query} type Mutation { a: Int @idempotent }`, { Mutation: { a: () => 1 } }),
    );
    const server = new ApolloServer({ schema });
    const response = await server.executeOperation({ query: 'mutation { a }' });
    expect(JSON.stringify(response.body)).toContain('has no idempotencyPlugin');
    await server.stop();
  });

  it('accepts marks of code-first schemas in the extensions', async () => {
    const schema = buildSchema(`${idempotentTypeDefs} ${query} type Mutation { a: Int }`);
    const field = schema.getMutationType()?.getFields()['a'];
    if (field === undefined) throw new Error('no field');
    field.extensions = { directives: { idempotent: { required: true } } };
    field.resolve = () => 1;
    const server = await startServer(schema, { store: new MemoryStore() });
    expect(codes(await server.post('mutation { a }'))).toEqual(['IDEMPOTENCY_KEY_REQUIRED']);
    await server.stop();
  });
});
