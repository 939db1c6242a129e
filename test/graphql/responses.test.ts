import { GraphQLError } from 'graphql';
import { Deferred } from '../../src/core/async/deferred.js';
import { MemoryStore } from '../../src/index.js';
import { codes, sdl, startServer, type TestServer } from './apollo.js';

class Payment {
  constructor(readonly id: string) {}
  receipt(): string {
    return `receipt of ${this.id}`;
  }
}

const TYPES = `
  type Query { ping: String }
  type Payment { id: ID! receipt: String! failing: String }
  type Mutation {
    pay(idempotencyKey: String): Payment! @idempotent
    refund(idempotencyKey: String): Payment! @idempotent
    broken: Int!
  }`;

describe('responses (G2, G14)', () => {
  let runs: string[] = [];
  let below = 0;
  let gate: Deferred<undefined> | undefined;
  let server: TestServer;

  const schema = () =>
    sdl(TYPES, {
      Payment: {
        receipt: (payment: Payment) => {
          below += 1;
          return payment.receipt();
        },
        failing: () => {
          throw new GraphQLError('No receipt.', {
            extensions: {
              code: 'NO_RECEIPT',
              http: { status: 402, headers: new Map([['x-paid', 'no']]) },
            },
          });
        },
      },
      Mutation: {
        pay: async () => {
          runs.push('pay');
          await gate?.promise;
          return new Payment('p1');
        },
        refund: () => {
          runs.push('refund');
          return new Payment('r1');
        },
        broken: () => {
          throw new Error('broken');
        },
      },
    });
  const headers = { 'idempotency-key': 'k1' };
  const report = (response: Awaited<ReturnType<TestServer['post']>>, key = 'pay') =>
    response.body.extensions?.idempotency?.[key];

  beforeEach(() => {
    runs = [];
    below = 0;
    gate = undefined;
  });
  afterEach(() => server.stop());

  it('answer duplicates that waited, and refuse those that select something else', async () => {
    server = await startServer(schema());
    gate = new Deferred();
    const first = server.post('mutation { pay { id receipt } }', { headers });
    const same = server.post('mutation { again: pay { id receipt } }', { headers });
    const other = server.post('mutation { pay { id } }', { headers });
    gate.resolve(undefined);
    expect((await first).body.data).toEqual({ pay: { id: 'p1', receipt: 'receipt of p1' } });
    expect((await same).body.data).toEqual({ again: { id: 'p1', receipt: 'receipt of p1' } });
    expect(report(await same, 'again')).toMatchObject({ status: 'replayed', kept: 'response' });
    expect(codes(await other)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
    expect((await other).body.errors?.[0]?.message).toContain('send the same document');
    expect([runs, below]).toEqual([['pay'], 1]);
  });

  it('are refused to another operation of the document, whose variables have other defaults', async () => {
    const types = `
      type Query { ping: String }
      type Payment { note(kind: Int): String }
      type Mutation { pay: Payment @idempotent }`;
    const note = (_: unknown, { kind }: { kind: number }): string => `note ${String(kind)}`;
    const resolvers = { Payment: { note }, Mutation: { pay: () => new Payment('p1') } };
    server = await startServer(sdl(types, resolvers));
    const query = `
      mutation One($kind: Int = 1) { ...Pay }
      mutation Two($kind: Int = 2) { ...Pay }
      fragment Pay on Mutation { pay { note(kind: $kind) } }`;
    const one = await server.post(query, { headers, operationName: 'One' });
    expect(one.body.data).toEqual({ pay: { note: 'note 1' } });
    const two = await server.post(query, { headers, operationName: 'Two' });
    expect(codes(two)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
  });

  it('are no errors where a null below the field hides them (G18)', async () => {
    const types = `
      type Query { ping: String }
      type Payment { note: String! }
      type Mutation { pay: Payment! @idempotent }`;
    const resolvers = { Payment: { note: () => null }, Mutation: { pay: () => new Payment('p1') } };
    server = await startServer(sdl(types, resolvers));
    const first = await server.post('mutation { pay { note } }', { headers });
    const second = await server.post('mutation { pay { note } }', { headers });
    expect(second.body.data).toBeNull();
    expect(second.body.errors).toEqual(first.body.errors);
    expect(report(first)).toEqual({ ...report(second), status: 'executed' });
  });

  it('of several fields of one document are kept each for itself', async () => {
    server = await startServer(schema());
    const query = 'mutation { pay { receipt } refund { id failing } }';
    const [first, second] = [
      await server.post(query, { headers }),
      await server.post(query, { headers }),
    ];
    expect(second.body.data).toEqual(first.body.data);
    expect(second.body.errors).toEqual(first.body.errors);
    expect([first.status, second.status]).toEqual([402, 402]);
    expect(second.headers.get('x-paid')).toBe('no');
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(runs).toEqual(['pay', 'refund']);
  });

  it('do not wait for themselves: the same key twice in a document is ambiguous', async () => {
    server = await startServer(schema());
    const query =
      'mutation { a: refund(idempotencyKey: "k") { id } b: refund(idempotencyKey: "k") { id } }';
    const { body } = await server.post(query);
    expect(body.errors).toMatchObject([
      { path: ['b'], extensions: { code: 'IDEMPOTENCY_KEY_AMBIGUOUS' } },
    ]);
    expect(runs).toEqual(['refund']);
  });

  it('of one batch are told apart by their keys', async () => {
    server = await startServer(schema(), {}, { allowBatchedHttpRequests: true });
    const query = 'mutation ($k: String) { pay(idempotencyKey: $k) { receipt } }';
    const batch = ['k1', 'k2', 'k1'].map((k) => ({ query, variables: { k } }));
    const answers = (await server.postBatch(batch)) as { data: unknown }[];
    expect(answers.map(({ data }) => data)).toEqual(
      [1, 2, 3].map(() => ({ pay: { receipt: 'receipt of p1' } })),
    );
    expect(runs).toEqual(['pay', 'pay']);
  });

  it('are nothing where another field takes the whole data away', async () => {
    server = await startServer(schema());
    const first = await server.post('mutation { pay { id } broken }', { headers });
    expect(first.body.data).toBeNull();
    expect(report(first)).toMatchObject({ status: 'executed', kept: 'nothing' });
    expect(server.events).toContainEqual(
      expect.objectContaining({
        type: 'unavailable',
        reason: expect.stringContaining('lost to the error of another field') as string,
      }),
    );
    const second = await server.post('mutation { pay { id } }', { headers });
    expect(codes(second)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
    expect(runs).toEqual(['pay']);
  });

  it('are nothing where redact leaves a property out', async () => {
    server = await startServer(schema(), { redact: ({ name }) => name === 'receipt' });
    const first = await server.post('mutation { pay { id money: receipt } }', { headers });
    expect(report(first)).toMatchObject({ kept: 'nothing' });
    expect(server.events).toContainEqual(
      expect.objectContaining({ type: 'unavailable', place: ['money'] }),
    );
  });

  it('are nothing beyond resultBytesMax', async () => {
    server = await startServer(schema(), { resultBytesMax: 1_024 });
    const fields = Array.from({ length: 100 }, (_, index) => `f${String(index)}: receipt`).join(
      ' ',
    );
    const first = await server.post(`mutation { pay { ${fields} } }`, { headers });
    expect(report(first)).toMatchObject({ kept: 'nothing' });
  });

  it('count as in flight until they are kept', async () => {
    server = await startServer(schema());
    gate = new Deferred();
    const first = server.post('mutation { pay { receipt } }', { headers });
    while (runs.length === 0) await new Promise(setImmediate);
    let stopped = false;
    const stopping = server.stop().then(() => (stopped = true));
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    gate.resolve(undefined);
    expect(report(await first)).toMatchObject({ kept: 'response' });
    await stopping;
    expect(server.events.map(({ type }) => type)).not.toContain('unfinished');
  });

  it('may be what recover finds', async () => {
    server = await startServer(schema(), {
      onError: 'RELEASE',
      recover: { 'Mutation.pay': () => ({ value: new Payment('found') }) },
    });
    gate = new Deferred();
    gate.promise.catch(() => undefined);
    const query = 'mutation { pay { id receipt } }';
    gate.reject(new Error('The provider is away.'));
    expect(codes(await server.post(query, { headers }))).toEqual(['INTERNAL_SERVER_ERROR']);
    const expected = { pay: { id: 'found', receipt: 'receipt of found' } };
    expect((await server.post(query, { headers })).body.data).toEqual(expected);
    expect((await server.post(query, { headers })).body.data).toEqual(expected);
    expect([runs, below]).toEqual([['pay'], 1]);
  });
});

describe('a value after a deploy (G14)', () => {
  it('is unavailable where the schema has changed so that it leads to errors', async () => {
    const of = (values: string, extra: string) =>
      sdl(
        `type Query { ping: String } enum S { ${values} }
         type P { s: S id: ID ${extra} } type Mutation { pay: P @idempotent }`,
        { Mutation: { pay: () => ({ id: 1, s: 'PAID' }) } },
      );
    const store = new MemoryStore();
    const headers = { 'idempotency-key': 'k1' };
    const before = await startServer(of('PAID OPEN', ''), { store });
    await before.post('mutation { pay { id s } }', { headers });
    const after = await startServer(of('OPEN', 'total: Int!'), { store });
    const renamed = await after.post('mutation { pay { id s } }', { headers });
    expect(renamed.body.data).toEqual({ pay: null });
    expect(codes(renamed)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
    expect(renamed.body.extensions?.idempotency?.['pay']).toEqual({ status: 'rejected' });
    expect(codes(await after.post('mutation { pay { total } }', { headers }))).toEqual([
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
    ]);
    const still = await after.post('mutation { pay { id } }', { headers });
    expect(still.body.data).toEqual({ pay: { id: '1' } });
    await Promise.all([before.stop(), after.stop()]);
  });
});
