import { makeExecutableSchema } from '@graphql-tools/schema';
import fastify, { type FastifyInstance } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import mercurius, { type MercuriusOptions } from 'mercurius';
import mercuriusAuth from 'mercurius-auth';
import { idempotentTypeDefs, MemoryStore, type IdempotencyOptions } from '../../src/index.js';
import { mercuriusIdempotency } from '../../src/mercurius/index.js';
import { settle } from '../support/manual-clock.js';
import { until } from '../support/until.js';

const typeDefs = `
  directive @auth on FIELD_DEFINITION
  type Payment { id: Int! note: String! }
  type Query { ping: Int }
  type Mutation {
    pay(amount: Int, idempotencyKey: String): Payment! @auth @idempotent
    log: Int
  }
`;

let effects: number;
let notes: number;
let logged: number;
let app: FastifyInstance;
let failNotes: boolean;
beforeEach(() => {
  [effects, notes, logged, failNotes] = [0, 0, 0, false];
  app = fastify();
});
afterEach(() => app.close());

/** What `pay` answers is no plain data: its `note` is a method. */
function createSchema(): GraphQLSchema {
  const note = (): string => {
    notes += 1;
    if (failNotes) throw new GraphQLError('secret', { extensions: { code: 'NO_NOTE' } });
    return 'thanks';
  };
  return makeExecutableSchema({
    typeDefs: [idempotentTypeDefs, typeDefs],
    resolvers: {
      Mutation: {
        pay: () => ({ id: (effects += 1), note }),
        log: () => (logged += 1),
      },
    },
  });
}

const OPTIONS: IdempotencyOptions<object> = { store: new MemoryStore(), scope: 'global' };

async function serve(
  options: MercuriusOptions = {},
  idempotency: Partial<IdempotencyOptions<object>> = {},
): Promise<void> {
  await app.register(mercurius, { schema: createSchema(), ...options });
  await app.register(mercuriusIdempotency, {
    ...OPTIONS,
    store: new MemoryStore(),
    ...idempotency,
  });
}

interface Answer {
  readonly status: number;
  readonly replayed: unknown;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: { message: string; path?: string[]; extensions?: Record<string, unknown> }[];
    readonly extensions?: { idempotency?: Record<string, { status: string }> };
  };
}

async function post(
  query: string,
  { key = 'k1', url = '/graphql', ...rest }: Record<string, string> = {},
): Promise<Answer> {
  const response = await app.inject({
    method: 'POST',
    url,
    headers: { 'idempotency-key': key },
    payload: { query, ...rest },
  });
  const body = response.json<Answer['body']>();
  return { status: response.statusCode, replayed: response.headers['idempotent-replayed'], body };
}

describe('mercuriusIdempotency', () => {
  it.each([{}, { jit: 1 }, { jit: { minCount: 1, eluThreshold: 0 } }])(
    'replays responses for the selection that they were made for, with %j',
    async (options) => {
      await serve(options);
      const answers = [];
      for (const selection of ['id note', 'id note', 'id note', 'note', 'id note']) {
        answers.push((await post(`mutation { pay(amount: 5) { ${selection} } }`)).body);
      }
      const outcomes = answers.map(
        ({ data, errors }) => data?.['pay'] ?? errors?.[0]?.extensions?.['code'],
      );
      const answer = { id: 1, note: 'thanks' };
      expect(outcomes).toEqual([answer, answer, answer, 'IDEMPOTENCY_RESULT_UNAVAILABLE', answer]);
      expect([effects, notes]).toEqual([1, 1]);
    },
  );

  it('leaves what is not marked to the compiler', async () => {
    await serve({ jit: 1 });
    for (let request = 0; request < 3; request += 1) await post('mutation { log }');
    expect(logged).toBe(3);
  });

  it.each([{}, { jit: 1 }])(
    'executes the operation of a document that the request names, with %j',
    async (options) => {
      await serve(options);
      const query = 'mutation Pay { pay(amount: 5) { id } } mutation Log { log }';
      for (const operationName of ['Pay', 'Log', 'Pay', 'Log'])
        await post(query, { operationName });
      expect([effects, logged]).toEqual([1, 2]);
      const batch = await post(query, { operationName: 'Nothing' });
      expect(batch.body.errors?.[0]?.message).toContain('Unknown operation named "Nothing"');
    },
  );

  it('keeps of an answer what the formatter of errors leaves of it, and replays that', async () => {
    failNotes = true;
    await serve({
      errorFormatter: (execution, context) => {
        const { statusCode, response } = mercurius.defaultErrorFormatter(execution, context);
        const errors = response.errors?.map((error) => ({ ...error, message: 'masked' }));
        return { statusCode, response: { ...response, errors } } as never;
      },
    });
    const answers = [];
    for (const alias of ['one', 'one', 'other']) {
      answers.push(await post(`mutation { ${alias}: pay(amount: 5) { id note } }`));
    }
    expect(
      answers.map(({ body }) => body.errors?.map(({ message, path }) => [message, path])),
    ).toEqual(['one', 'one', 'other'].map((alias) => [['masked', [alias, 'note']]]));
    expect(answers.map(({ replayed }) => replayed)).toEqual([undefined, 'true', 'true']);
    expect([effects, notes]).toEqual([1, 1]);
  });

  it('sets the status of refusals with `httpStatus`, and shows clients nothing of it', async () => {
    await serve({ allowBatchedQueries: true }, { httpStatus: true });
    await post('mutation { pay(amount: 5) { id } }');
    const mismatch = await post('mutation { pay(amount: 6) { id } }');
    const invalid = await post('mutation { pay { id } }', { key: 'a b' });
    expect([mismatch.status, invalid.status]).toEqual([422, 400]);
    expect(
      [mismatch, invalid].map(({ body }) =>
        body.errors?.map(({ extensions }) => extensions?.['code']),
      ),
    ).toEqual([['IDEMPOTENCY_KEY_PARAMETER_MISMATCH'], ['IDEMPOTENCY_KEY_INVALID']]);
    expect(JSON.stringify([mismatch, invalid])).not.toContain('"http"');
  });

  it('answers 200 without `httpStatus`, and 400 to a document that misuses the directive', async () => {
    await serve();
    const invalid = await post('mutation { pay { id } }', { key: 'a b' });
    const misused = await post('{ ping @idempotent(key: "k1") }');
    expect([invalid.status, misused.status]).toEqual([200, 400]);
  });

  it('stands inside of the guards of mercurius-auth, which is registered after it', async () => {
    await serve();
    let isAllowed = true;
    await app.register(mercuriusAuth, {
      authDirective: 'auth',
      applyPolicy: () => Promise.resolve(isAllowed),
    });
    await post('mutation { pay(amount: 5) { id } }');
    isAllowed = false;
    const refused = await post('mutation { pay(amount: 5) { id } }');
    expect(refused.body.errors?.[0]?.message).toContain('Failed auth policy check');
    isAllowed = true;
    expect((await post('mutation { pay(amount: 5) { id } }')).replayed).toBe('true');
  });

  it('serves routes that call `reply.graphql`, and `app.graphql` itself', async () => {
    await serve({ routes: false });
    app.post('/own', (_request, reply) => reply.graphql('mutation { pay(amount: 5) { id } }'));
    await post('', { url: '/own' });
    expect((await post('', { url: '/own' })).replayed).toBe('true');
    // One context for operations that run at once.
    const context = {};
    const pay = (key: string) =>
      app.graphql(`mutation { pay(amount: 5, idempotencyKey: "${key}") { id } }`, context);
    const answers = await Promise.all([pay('a'), pay('b'), pay('a')]);
    expect(answers.map(({ data }) => data)).toEqual([2, 3, 2].map((id) => ({ pay: { id } })));
    await expect(app.graphql('mutation { pay(amount: 5) { id } }')).resolves.toMatchObject({
      errors: [{ extensions: { code: 'IDEMPOTENCY_KEY_REQUIRED' } }],
    });
  });

  it('ends the claim of an operation whose answer a hook of another plugin turns into an error', async () => {
    await app.register(mercurius, { schema: createSchema() });
    let isBroken = true;
    app.graphql.addHook('onResolution', () =>
      isBroken ? Promise.reject(new Error('no')) : Promise.resolve(),
    );
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    await app.register(mercuriusIdempotency, { ...OPTIONS, store: new MemoryStore() });
    await post('mutation { pay(amount: 5) { note } }');
    isBroken = false;
    const retry = await post('mutation { pay(amount: 5) { note } }');
    warned.mockRestore();
    expect(retry.body.errors).toMatchObject([
      { extensions: { code: 'IDEMPOTENCY_RESULT_UNAVAILABLE' } },
    ]);
    expect(effects).toBe(1);
  });

  it('stores what is in flight before the application closes what the store needs', async () => {
    const closed: string[] = [];
    const store = new MemoryStore();
    const complete = store.complete.bind(store);
    store.complete = (...given) => {
      closed.push('stored');
      return complete(...given);
    };
    let release = (): void => undefined;
    const schema = createSchema();
    const field = schema.getMutationType()?.getFields()['pay'];
    const held = new Promise<void>((resolve) => (release = resolve));
    let isRunning = false;
    if (field) {
      field.resolve = async () => {
        isRunning = true;
        await held;
        return { id: 1 };
      };
    }
    await serve({ schema }, { store });
    await app.register((instance) => {
      instance.addHook('onClose', () => Promise.resolve(void closed.push('redis')));
      return Promise.resolve();
    });
    await app.ready();
    // No request, for which Fastify itself would wait.
    const query = 'mutation { pay(amount: 5, idempotencyKey: "k1") { id } }';
    const answered = app.graphql(query).catch(() => undefined);
    await until(() => isRunning);
    const stopped = app.close();
    await settle();
    release();
    await Promise.all([answered, stopped]);
    expect(closed).toEqual(['stored', 'redis']);
  });
});

describe('an application that mercuriusIdempotency refuses', () => {
  const refusal = async (): Promise<unknown> => app.ready().then(() => undefined, String);

  it('has no Mercurius', async () => {
    await expect(async () => app.register(mercuriusIdempotency, OPTIONS)).rejects.toThrow(
      'mercuriusIdempotency refuses to start:\n  - Mercurius is missing: install the package mercurius',
    );
  });

  it('has misspelled options, but not those of Fastify', async () => {
    await serve({}, { prefix: '/v1', logLevel: 'warn', drainMs: 5 } as object);
    const message = await refusal();
    expect(message).toContain('There is no option "drainMs".');
    expect(message).not.toMatch(/prefix|logLevel/);
  });

  it('has wrong options, or none', async () => {
    await serve({}, { waitMs: -1 });
    expect(await refusal()).toContain('mercuriusIdempotency refuses to start:\n  - waitMs must be');
    app = fastify();
    await app.register(mercurius, { schema: createSchema() });
    await app.register(mercuriusIdempotency as never);
    expect(await refusal()).toContain('store is missing');
  });

  it('has it twice', async () => {
    await serve();
    await expect(async () => app.register(mercuriusIdempotency, OPTIONS)).rejects.toThrow(
      'it was registered twice',
    );
  });

  it('gets its resolvers, or a marked mutation, after it', async () => {
    await app.register(mercurius, { schema: `${SDL} ${typeDefs}` });
    await app.register(mercuriusIdempotency, OPTIONS);
    app.graphql.defineResolvers({ Mutation: { pay: () => null } });
    expect(await refusal()).toContain('Add the resolvers first.');

    app = fastify();
    await serve();
    await app.graphql.extendSchema('extend type Mutation { refund: Int @idempotent }');
    app.graphql.defineResolvers({ Mutation: { refund: () => 1 } });
    expect(await refusal()).toContain('Mutation.refund: it came into the schema after this plugin');
  });
});

const SDL = idempotentTypeDefs;
