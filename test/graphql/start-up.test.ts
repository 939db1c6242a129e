import { ApolloServer, type ApolloServerOptionsWithGateway } from '@apollo/server';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { buildSchema, defaultFieldResolver, execute, type GraphQLSchema } from 'graphql';
import {
  applyIdempotency,
  idempotencyPlugin,
  idempotentTypeDefs,
  MemoryStore,
} from '../../src/index.js';
import { codes, sdl, startServer, type TestContext } from './apollo.js';

async function refusal(start: () => Promise<unknown>): Promise<string> {
  const error: unknown = await start().catch((reason: unknown) => reason);
  return error instanceof Error ? error.message : 'It started.';
}

function isBanned(context: unknown): boolean {
  return (context as TestContext).user === 'banned';
}

describe('a server that starts (G22)', () => {
  const query = 'type Query { ping: String }';

  it('does not take a guard for a door because it was put around one elsewhere', async () => {
    const guard = (): number => 1;
    const pay = () => 2;
    const marked = (): GraphQLSchema =>
      sdl(`${query} type Mutation { pay: Int @idempotent }`, { Mutation: { pay } });
    const guarded = applyIdempotency(marked());
    const alone = marked();
    for (const schema of [guarded, alone]) {
      const field = schema.getMutationType()?.getFields()['pay'];
      if (field !== undefined) field.resolve = guard;
    }
    const servers = [await startServer(guarded), await startServer(alone)];
    const answers = await Promise.all(servers.map((server) => server.post('mutation { pay }')));
    await Promise.all(servers.map((server) => server.stop()));
    expect(answers.map(codes)).toEqual([['INTERNAL_SERVER_ERROR'], ['IDEMPOTENCY_KEY_REQUIRED']]);
  });

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
        documentationUrl: '/errors',
        onCrash: 'MAYBE' as never,
        ignoreArguments: { 'Mutation.a': ['nothing'], 'Mutation.x': [] },
        recover: { 'Mutation.y': () => 'RERUN' },
        ...{ ttlSecond: 60, cipher: undefined, leaseSeconds: undefined },
      }),
    );
    for (const part of [
      'store is missing',
      'scope is missing',
      'leaseMs must be a whole number from 1000 to 3600000, not 5',
      'header must be an HTTP header name',
      'documentationUrl must be an absolute http or https URL without a fragment, not "/errors"',
      'onCrash must be "REJECT" or "RERUN", not "MAYBE"',
      'There is no option "ttlSecond".',
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

  it('is refused when it lists the plugin twice', async () => {
    const plugin = () => idempotencyPlugin({ store: new MemoryStore(), scope: 'global' });
    const server = new ApolloServer({
      schema: sdl(`${query} type Mutation { pay: Int @idempotent }`, {}),
      plugins: [plugin(), plugin()],
      logger: { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 },
    });
    expect(await refusal(() => server.start())).toContain(
      'idempotencyPlugin refuses to start:\n  - the server has it twice: list it once.',
    );
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

  it('lets guards stay outside of what applyIdempotency wraps (G16)', async () => {
    let calls = 0;
    const guarded = mapSchema(
      applyIdempotency(
        sdl(`${query} type Mutation { a: Int @idempotent }`, {
          Mutation: { a: () => (calls += 1) },
        }),
      ),
      {
        [MapperKind.MUTATION_ROOT_FIELD]: (field) => {
          const resolve = field.resolve ?? defaultFieldResolver;
          return {
            ...field,
            resolve: (source, args, context, info) => {
              // As a guard that knows the key's owner, but may not let everybody call.
              if (isBanned(context)) throw new Error('Not you.');
              return resolve(source, args, context, info);
            },
          };
        },
      },
    );
    const server = await startServer(guarded, { scope: 'global' });
    const headers = { 'idempotency-key': 'k1' };
    await server.post('mutation { a }', { headers });
    const replay = await server.post('mutation { a }', { headers });
    expect(replay.body.data).toEqual({ a: 1 });
    const refused = await server.post('mutation { a }', { headers, user: 'banned' });
    expect(refused.body.data).toEqual({ a: null });
    expect(refused.headers.get('idempotent-replayed')).toBeUndefined();
    expect(calls).toBe(1);
    await server.stop();
  });

  it('wraps the marked fields of a schema that is loaded later', async () => {
    let calls = 0;
    const build = (name: string): GraphQLSchema =>
      sdl(`${query} type Mutation { ${name}: Int @idempotent }`, {
        Mutation: { [name]: () => (calls += 1) },
      });
    let current = build('a');
    let load: (schema: GraphQLSchema) => void = () => undefined;
    const gateway: ApolloServerOptionsWithGateway<TestContext>['gateway'] = {
      onSchemaLoadOrUpdate(listener) {
        load = (schema) => {
          current = schema;
          listener({ apiSchema: schema, coreSupergraphSdl: '' });
        };
        return () => undefined;
      },
      load() {
        load(current);
        return Promise.resolve({
          executor: async ({ document, context, request }) => {
            const { data, errors } = await execute({
              schema: current,
              document,
              contextValue: context,
              variableValues: request.variables,
            });
            return { data: data ?? null, ...(errors ? { errors } : {}) };
          },
        });
      },
      stop: () => Promise.resolve(),
    };
    const server = await startServer(current, {}, { schema: undefined, gateway } as never);
    const headers = { 'idempotency-key': 'k1' };
    const send = async (name: string): Promise<unknown> =>
      (await server.post(`mutation { ${name} }`, { headers })).body.data;
    expect([await send('a'), await send('a')]).toEqual([{ a: 1 }, { a: 1 }]);
    load(build('b'));
    load(current);
    expect([await send('b'), await send('b')]).toEqual([{ b: 2 }, { b: 2 }]);
    await server.stop();
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
