import { GraphQLError } from 'graphql';
import type { IdempotencyEvent } from '../../src/index.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { sdl, startServer, type TestServer } from './apollo.js';

const SECRETS = ['key-of-alice', 'alice-herself', 'argument-of-alice', 'result-for-alice'];
const headers = { 'Idempotency-Key': 'key-of-alice' };
const recordId = recordIdOf('alice-herself', 'Mutation.pay', 'key-of-alice');
const about = { operation: 'Mutation.pay', recordId };
const durationMs = expect.any(Number) as unknown;

const schema = sdl(
  `type Query { ok: Int }
   type Mutation {
     pay(note: String, how: String): String @idempotent
     optional: String @idempotent(required: false)
   }`,
  {
    Mutation: {
      pay: (_: unknown, { how }: { how?: string }): unknown => {
        if (how === 'refuse') throw new GraphQLError('No.', { extensions: { code: 'POOR' } });
        if (how === 'fail') throw new Error('boom');
        if (how === 'decline') throw new GraphQLError('', { extensions: { code: 'FORBIDDEN' } });
        if (how === 'unkept') return { toJSON: () => 'x', [Symbol('s')]: 1, f: () => 1 };
        return 'result-for-alice';
      },
      optional: () => 'x',
    },
  },
);

describe('events of requests', () => {
  let server: TestServer;

  async function startedWith(
    options: Parameters<typeof startServer>[1] = {},
  ): Promise<(how?: string, sent?: Record<string, string>) => Promise<unknown[]>> {
    server = await startServer(schema, options);
    return async (how, sent = headers) => {
      const before = server.events.length;
      const query = `mutation ($how: String) { pay(note: "argument-of-alice", how: $how) }`;
      const request = { variables: { how }, headers: sent, user: 'alice-herself' };
      await server.post(query, request);
      return server.events.slice(before);
    };
  }
  afterEach(() => server.stop());

  it('tell how each request ended, and nothing of what was in it', async () => {
    const pay = await startedWith();
    expect(await pay()).toEqual([
      { type: 'claimed', ...about, attempt: 1, previous: 'none', durationMs },
      { type: 'executed', ...about, attempt: 1, durationMs, outcome: 'value', stored: true },
    ]);
    expect(await pay()).toEqual([
      { type: 'replayed', ...about, attempt: 1, durationMs, waited: false },
    ]);
    expect(await pay('other')).toEqual([
      { type: 'mismatch', ...about },
      { type: 'rejected', ...about, code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH', durationMs },
    ]);
    for (const secret of SECRETS) expect(JSON.stringify(server.events)).not.toContain(secret);
  });

  it.each([
    ['refuse', [{ type: 'executed', outcome: 'error' }]],
    ['fail', [{ type: 'released', declined: false }]],
    ['decline', [{ type: 'released', declined: true }]],
    ['unkept', [{ type: 'executed', outcome: 'response' }]],
  ])('tell of a resolver that %ss', async (how, expected) => {
    const pay = await startedWith();
    expect((await pay(how)).slice(1)).toMatchObject(
      expected.map((event) => ({ ...about, attempt: 1, ...event })),
    );
  });

  it('tell of requests without a key, be they refused or not', async () => {
    const pay = await startedWith();
    expect(await pay(undefined, {})).toEqual([
      { type: 'missingKey', operation: 'Mutation.pay', refused: true },
      {
        type: 'rejected',
        operation: 'Mutation.pay',
        code: 'IDEMPOTENCY_KEY_REQUIRED',
        durationMs,
      },
    ]);
    await server.post('mutation { optional }');
    expect(server.events.slice(2)).toEqual([
      { type: 'missingKey', operation: 'Mutation.optional', refused: false },
    ]);
  });

  it('tell of a document that was refused as a whole', async () => {
    await startedWith();
    await server.post('mutation { pay again: pay }', { headers });
    expect(server.events).toEqual([
      { type: 'rejected', operation: 'Mutation', code: 'IDEMPOTENCY_KEY_AMBIGUOUS', durationMs },
    ]);
  });

  it('tell of an execution that recover settled', async () => {
    const recovered = new Set<IdempotencyEvent['type']>();
    await startedWith({
      recover: { 'Mutation.pay': () => ({ value: 'result-for-alice' }) },
      onEvent: ({ type }) => recovered.add(type),
    });
    // A failure of a mutation that can recover is remembered, and asked about by the next request.
    for (const how of ['fail', 'fail']) {
      await server.post(`mutation { pay(how: "${how}") }`, { headers });
    }
    expect([...recovered]).toEqual(['claimed', 'released', 'recovered']);
  });

  it('are told to a listener that throws without any difference to the answer', async () => {
    await startedWith({
      onEvent: () => {
        throw new Error('listener');
      },
    });
    const answer = await server.post('mutation { pay }', { headers });
    expect(answer.body).toMatchObject({ data: { pay: 'result-for-alice' } });
  });
});
