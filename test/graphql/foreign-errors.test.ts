import { GraphQLError, parse } from 'graphql';
import { createIdempotency, MemoryStore } from '../../src/index.js';
import { codes, sdl, startServer, type TestServer } from './apollo.js';

/** What a resolver throws that has called another GraphQL service: graphql leaves its path as it is. */
class UpstreamError extends GraphQLError {}

/** More than its data, so that its response is kept. */
class Payment {
  readonly id = 'p1';
}

const TYPES = `
  type Query { ping: String }
  type Payment { id: ID! note: String }
  type Mutation { pay: Payment @idempotent refund: Payment @idempotent }`;

describe('errors of another execution (G2)', () => {
  let path: readonly string[];
  let server: TestServer;
  const headers = { 'idempotency-key': 'k1' };

  beforeEach(async () => {
    path = ['upstream', 'note'];
    server = await startServer(
      sdl(TYPES, {
        Payment: {
          note: () => {
            throw new GraphQLError('No note.', { path });
          },
        },
        Mutation: {
          pay: () => new Payment(),
          refund: () => {
            throw new UpstreamError('No refund.', { path });
          },
        },
      }),
    );
  });
  afterEach(() => server.stop());

  it('below the field are part of its response, under their own path', async () => {
    const first = await server.post('mutation { pay { id note } }', { headers });
    const second = await server.post('mutation { again: pay { id note } }', { headers });
    expect(first.body.errors).toMatchObject([{ message: 'No note.', path }]);
    expect(second.body.errors).toEqual(first.body.errors);
    expect(second.body.data).toEqual({ again: { id: 'p1', note: null } });
  });

  it('are the outcome of a field that throws them, under any selection', async () => {
    const first = await server.post('mutation { refund { id } }', { headers });
    const second = await server.post('mutation { refund { note } }', { headers });
    expect(first.body.errors).toMatchObject([{ message: 'No refund.', path }]);
    expect(second.body.errors).toEqual(first.body.errors);
    expect(second.body.extensions?.idempotency?.['refund']).toMatchObject({
      status: 'replayed',
      error: true,
    });
  });

  it('below the field are not taken for its own, whatever their path', async () => {
    path = ['pay'];
    await server.post('mutation { pay { id note } }', { headers });
    const second = await server.post('mutation { pay { id } }', { headers });
    expect(codes(second)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
  });

  it('leave nothing to keep where they may be of several fields', async () => {
    const query = 'mutation { pay { id note } refund { id } }';
    const first = await server.post(query, { headers });
    expect(first.body.errors).toHaveLength(2);
    expect(first.body.extensions?.idempotency?.['pay']).toMatchObject({ kept: 'nothing' });
    expect(codes(await server.post(query, { headers }))).toEqual([
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
    ]);
    expect(server.events).toContainEqual(
      expect.objectContaining({
        type: 'unavailable',
        reason: expect.stringContaining('an error of another execution') as string,
      }),
    );
  });

  it('do not stand in the way beside __typename', async () => {
    const query = 'mutation { __typename pay { note } }';
    const first = await server.post(query, { headers });
    const second = await server.post(query, { headers });
    expect(second.body.errors).toEqual(first.body.errors);
    expect(second.body.data).toEqual(first.body.data);
  });
});

describe('errors that are formatted as one object (G2)', () => {
  it('stay the errors of their fields', async () => {
    const masked = Object.freeze({ message: 'masked' });
    const schema = sdl(TYPES, {
      Payment: {
        note: () => {
          throw new Error('secret');
        },
      },
      Mutation: { pay: () => new Payment(), refund: () => ({ id: 'r1' }) },
    });
    const idempotency = createIdempotency<object>({ store: new MemoryStore(), scope: 'global' });
    idempotency.applyTo(schema);
    await idempotency.start();
    const document = parse('mutation { pay { note } refund { note } }');
    const run = () =>
      idempotency.execute({ schema, document }, { headers, formatError: () => masked });
    const headers = { 'idempotency-key': 'k1' };
    const { result } = await run();
    expect(result.errors).toMatchObject([{ path: ['pay', 'note'] }, { path: ['refund', 'note'] }]);
    const replayed = await run();
    expect(replayed.result.errors).toHaveLength(2);
    expect(replayed.result.data).toEqual(result.data);
    await idempotency.close();
  });
});
