import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { GraphQLSchema } from 'graphql';
import { applyIdempotency } from '../../src/index.js';
import type { TestResponse } from '../graphql/apollo.js';
import { createSchema, postJson } from './schema.js';

/** Loaded without its types: they declare another shape of `extensions.http` than Apollo's. */
const { createYoga } = createRequire(__filename)('graphql-yoga') as {
  createYoga: (options: {
    schema: GraphQLSchema;
    maskedErrors: boolean;
    logging: Record<'debug' | 'info' | 'warn' | 'error', (error: unknown) => void>;
  }) => RequestListener;
};

describe('graphql-yoga, which has no idempotencyPlugin', () => {
  const REFUSAL =
    'Mutation.pay is marked @idempotent, but what executes it has no idempotencyPlugin and does not ' +
    'go through createIdempotency, so it does not run.';
  const PAY = { query: 'mutation { pay(amount: 5) { id } }' };
  let effects: string[];
  let logged: unknown[];
  let server: Server;

  async function start(
    prepare: (schema: GraphQLSchema) => GraphQLSchema,
    maskedErrors = true,
  ): Promise<number> {
    const ignore = (): void => undefined;
    const logging = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (error: unknown): void => void logged.push(error),
    };
    server = createServer(
      createYoga({ schema: prepare(createSchema(effects)), maskedErrors, logging }),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  beforeEach(() => {
    effects = [];
    logged = [];
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const headers = { 'idempotency-key': 'k1' };

  it('does not run a wrapped mutation; the reason is in the log, not in the answer', async () => {
    const port = await start(applyIdempotency);
    const { body } = await postJson<TestResponse['body']>(port, PAY, headers);
    expect(body.data).toEqual({ pay: null });
    expect(body.errors).toEqual([
      expect.objectContaining({
        message: 'Unexpected error.',
        path: ['pay'],
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      }),
    ]);
    expect(logged).toEqual([expect.objectContaining({ message: REFUSAL })]);
    expect(effects).toEqual([]);
  });

  it('tells its clients the reason if its errors are not masked', async () => {
    const port = await start(applyIdempotency, false);
    const { body } = await postJson<TestResponse['body']>(port, PAY, headers);
    expect(body.errors?.[0]?.message).toBe(REFUSAL);
    expect(effects).toEqual([]);
  });

  it('runs queries and mutations that are not marked', async () => {
    const port = await start(applyIdempotency);
    expect((await postJson(port, { query: '{ ping }' }, headers)).body).toEqual({
      data: { ping: 'pong' },
    });
    const log = { query: 'mutation { log(line: "a") }' };
    expect((await postJson(port, log, headers)).body).toEqual({ data: { log: 1 } });
  });

  it('runs without protection what nobody wrapped: it does not know the directive', async () => {
    const port = await start((schema) => schema);
    await postJson(port, PAY, headers);
    await postJson(port, PAY, headers);
    expect(effects).toEqual(['pay 5', 'pay 5']);
  });
});
