import {
  defaultFieldResolver,
  execute as executeWhole,
  GraphQLError,
  parse,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLFieldResolver,
} from 'graphql';
import {
  createIdempotency,
  MemoryStore,
  type Idempotency,
  type IdempotencyEvent,
  type IdempotencyOptions,
  type IdempotentRequest,
} from '../../src/index.js';
import { deferred } from '../support/executions.js';
import { sdl, startServer } from './apollo.js';

interface Context {
  readonly user: string;
}

describe('createIdempotency', () => {
  const typeDefs = `
    type Query { ping: String }
    type Item { id: Int, broken: String }
    type Mutation { pay(amount: Int, idempotencyKey: String): Item! @idempotent }
  `;
  let effects = 0;
  let idempotency: Idempotency;

  /** An instance with a method cannot be kept as a value, so its response is. */
  class Instance {
    readonly id = 1;
    broken(): string {
      throw new Error('secret');
    }
  }
  const schema = sdl(typeDefs, {
    Mutation: {
      pay: (_: unknown, { amount }: { amount: number }) => {
        effects += 1;
        return amount === 0 ? new Instance() : { id: effects, broken: 'no' };
      },
    },
  });

  async function start(options: Partial<IdempotencyOptions<Context>> = {}): Promise<void> {
    idempotency = createIdempotency<Context>({
      store: new MemoryStore(),
      scope: ({ user }) => user,
      ...options,
    });
    idempotency.applyTo(schema);
    await idempotency.start();
  }

  beforeEach(() => {
    effects = 0;
    return start();
  });
  afterEach(() => idempotency.close());

  const run = (
    query: string,
    request?: IdempotentRequest,
    contextValue: unknown = { user: 'alice' },
  ): ReturnType<Idempotency['execute']> =>
    idempotency.execute({ schema, document: parse(query), contextValue }, request);
  const codesOf = ({ errors = [] }: ExecutionResult): unknown[] =>
    errors.map(({ extensions }) => extensions['code']);
  const PAY = 'mutation { pay(amount: 5) { id } }';

  it('lists what is wrong with its options, under its own name', () => {
    const wrong = createIdempotency({ waitMs: -1 } as unknown as IdempotencyOptions<Context>);
    expect(() => wrong.applyTo(sdl(typeDefs, {}))).toThrow(
      /^createIdempotency refuses to start:\n {2}- store is missing.*\n {2}- scope is missing.*\n {2}- .*waitMs/,
    );
  });

  it('executes nothing before its start, nor after its end', async () => {
    const other = createIdempotency<Context>({ store: new MemoryStore(), scope: 'global' });
    const args = { schema, document: parse('{ ping }') };
    await expect(other.execute(args)).rejects.toThrow('call start() first');
    await other.start();
    await expect(other.start()).rejects.toThrow('start() was called before');
    await other.close();
    await expect(other.execute(args)).rejects.toThrow('it is closed');
  });

  it.each([
    ['of the Fetch API', new Headers({ 'Idempotency-Key': 'k1' })],
    ['of Node', { 'idempotency-key': 'k1' }],
    ['in any case', { 'Idempotency-Key': ['k1'] }],
  ])('takes headers %s', async (_name, headers) => {
    expect((await run(PAY, { headers })).headers).toEqual({});
    const second = await run(PAY, { headers });
    expect([second.isReplayed, second.headers, second.status]).toEqual([
      true,
      { 'idempotent-replayed': 'true' },
      undefined,
    ]);
    expect(effects).toBe(1);
  });

  it('takes two headers for the list that they are', async () => {
    const headers = { 'idempotency-key': 'k1', 'Idempotency-Key': 'k2' };
    expect(codesOf((await run(PAY, { headers })).result)).toEqual(['IDEMPOTENCY_KEY_INVALID']);
    expect(effects).toBe(0);
  });

  it("asks the server's resolver for fields without one about no replay of a response (G2)", async () => {
    const asked: string[] = [];
    const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (...parts) => {
      asked.push(parts[3].fieldName);
      const value: unknown = defaultFieldResolver(...parts);
      return typeof value === 'number' ? value + 100 : value;
    };
    const send = (query: string, key: string): ReturnType<Idempotency['execute']> =>
      idempotency.execute(
        { schema, document: parse(query), contextValue: { user: 'alice' }, fieldResolver },
        { headers: { 'idempotency-key': key } },
      );
    const query = 'mutation { pay(amount: 0) { __typename id broken } }';
    const first = await send(query, 'k1');
    expect(first.result.data).toEqual({ pay: { __typename: 'Item', id: 101, broken: null } });
    expect(asked.splice(0)).toEqual(['id', 'broken']);
    const second = await send(query, 'k1');
    expect(second.isReplayed).toBe(true);
    expect(second.result.data).toEqual(first.result.data);
    expect(asked).toEqual([]);
    // The schema is prepared for stubs by now, and what is no stub is still the resolver's.
    expect((await send(PAY, 'k2')).result.data).toEqual({ pay: { id: 102 } });
    expect(asked).toEqual(['id']);
  });

  it('refuses the header of a batch', async () => {
    const request = { headers: { 'idempotency-key': 'k1' }, isBatched: true };
    const { result } = await run(PAY, request);
    expect(codesOf(result)).toEqual(['IDEMPOTENCY_KEY_AMBIGUOUS']);
  });

  it('gives the HTTP status beside the result, if it is told to', async () => {
    await idempotency.close();
    await start({ httpStatus: true });
    const { result, status } = await run(PAY);
    expect([codesOf(result), status]).toEqual([['IDEMPOTENCY_KEY_REQUIRED'], 400]);
    expect(result.errors?.[0]?.extensions).not.toHaveProperty('http');
    expect(result.errors?.[0]?.path).toEqual(['pay']);
  });

  it('gives the link to the section of the code beside the result', async () => {
    await idempotency.close();
    await start({ httpStatus: true, documentationUrl: 'https://pay.example/errors' });
    const { result, headers } = await run(PAY);
    const link = 'https://pay.example/errors#idempotency-key-required';
    expect(headers).toEqual({ link: `<${link}>; rel="describedby"; type="text/html"` });
    expect(result.errors?.[0]?.extensions['documentationUrl']).toBe(link);
  });

  it('makes refusals that servers do not take for failures and mask', async () => {
    const { result } = await run(PAY);
    expect(result.errors?.[0]).toBeInstanceOf(GraphQLError);
    expect(result.errors?.[0]?.originalError).toBeUndefined();
  });

  it('gives operations that share a context value one each', async () => {
    const shared = { user: 'alice' };
    const query = (key: string): string =>
      `mutation { pay(amount: 5, idempotencyKey: "${key}") { id } }`;
    const answers = await Promise.all(['a', 'b', 'a'].map((key) => run(query(key), {}, shared)));
    expect(answers.map(({ result }) => result.errors)).toEqual([undefined, undefined, undefined]);
    expect(answers.map(({ isReplayed }) => isReplayed)).toEqual([false, false, true]);
    expect(effects).toBe(2);
  });

  it('keeps of an error what its client has seen', async () => {
    const query = 'mutation { pay(amount: 0, idempotencyKey: "k1") { id broken } }';
    const formatError = ({ path }: GraphQLError): { message: string; path: readonly string[] } => ({
      message: 'Masked.',
      path: (path ?? []).map(String),
    });
    const first = await run(query, { formatError });
    expect(first.result.errors?.[0]?.originalError?.message).toBe('secret');
    const second = await run(query, { formatError });
    expect(second.isReplayed).toBe(true);
    expect(second.result.data).toEqual({ pay: { id: 1, broken: null } });
    expect(second.result.errors?.map(({ message, path }) => [message, path])).toEqual([
      ['Masked.', ['pay', 'broken']],
    ]);
    expect(effects).toBe(1);
  });

  it('releases what is in flight when the executor itself fails', async () => {
    const broken = (): never => {
      throw new Error('no executor');
    };
    const headers = { 'idempotency-key': 'k1' };
    await expect(run(PAY, { headers, execute: broken })).rejects.toThrow('no executor');
    expect((await run(PAY, { headers })).result.errors).toBeUndefined();
  });

  it('ends the record of a mutation for which a cancelled execution did not wait', async () => {
    const gate = deferred<Instance>();
    const events: IdempotencyEvent[] = [];
    const onEvent = (event: IdempotencyEvent): number => events.push(event);
    const cancelled = createIdempotency<Context>({
      store: new MemoryStore(),
      scope: ({ user }) => user,
      onEvent,
    });
    const slow = cancelled.applyTo(sdl(typeDefs, { Mutation: { pay: () => gate.promise } }));
    await cancelled.start();
    const send = (request: IdempotentRequest): ReturnType<Idempotency['execute']> => {
      const document = parse('mutation { pay { id } }');
      const contextValue = { user: 'alice' };
      return cancelled.execute(
        { schema: slow, document, contextValue },
        { headers: { 'idempotency-key': 'k1' }, ...request },
      );
    };
    const cancel = (args: ExecutionArgs): Promise<never> => {
      void executeWhole(args);
      return Promise.reject(new Error('The client has gone.'));
    };
    await expect(send({ execute: cancel })).rejects.toThrow('The client has gone.');
    const retry = send({});
    gate.resolve(new Instance());
    expect(codesOf((await retry).result)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'unavailable',
        reason: 'The result was not captured: the execution ended before the mutation did.',
      }),
    );
    await cancelled.drain();
    await cancelled.close();
    expect(events.map(({ type }) => type)).not.toContain('unfinished');
  });

  it('hands on a result that comes in parts', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const execute = async (args: ExecutionArgs): Promise<unknown> => ({
      initialResult: await executeWhole(args),
    });
    const { result } = await run(PAY, { headers, execute });
    expect(result).toEqual({ initialResult: { data: { pay: { id: 1 } } } });
    expect((await run(PAY, { headers })).isReplayed).toBe(true);
    expect(effects).toBe(1);
  });

  it('shares a schema and a store with Apollo Server, both ways', async () => {
    const store = new MemoryStore();
    await idempotency.close();
    await start({ store });
    const apollo = await startServer(schema, { store });
    const [one, two] = [{ 'idempotency-key': 'k1' }, { 'idempotency-key': 'k2' }];
    await run(PAY, { headers: one });
    await apollo.post(PAY, { headers: two });
    const replay = await apollo.post(PAY, { headers: one });
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect((await run(PAY, { headers: two })).isReplayed).toBe(true);
    expect(effects).toBe(2);
    await apollo.stop();
  });
});
