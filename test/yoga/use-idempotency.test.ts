import { createRequire } from 'node:module';
import type { GraphQLSchema } from 'graphql';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { idempotentTypeDefs, MemoryStore } from '../../src/index.js';
import { useIdempotency } from '../../src/yoga/index.js';

interface Yoga {
  fetch(url: string, init: RequestInit): Promise<Response>;
  dispose(): Promise<void>;
}

/** Loaded without its types: they declare another shape of `extensions.http` than Apollo's. */
const { createYoga } = createRequire(__filename)('graphql-yoga') as {
  createYoga: (options: {
    schema: GraphQLSchema;
    logging: boolean;
    plugins: readonly object[];
  }) => Yoga;
};

const typeDefs = `
  type Payment { id: Int, note: String }
  type Query { ping: Int }
  type Mutation { pay(amount: Int): Payment @idempotent }
`;

let effects = 0;
beforeEach(() => {
  effects = 0;
});

/** What `pay` answers is no plain data, and one field of it fails. */
function schemaWithNote(): GraphQLSchema {
  const note = (): never => {
    throw new Error('secret');
  };
  const pay = (): object => ({ id: (effects += 1), note });
  return makeExecutableSchema({
    typeDefs: [idempotentTypeDefs, typeDefs],
    resolvers: { Mutation: { pay } },
  });
}

const OPTIONS = { store: new MemoryStore(), scope: 'global' } as const;

async function post(
  yoga: Yoga,
  query: string,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k1' },
    body: JSON.stringify({ query }),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}

describe('useIdempotency', () => {
  it('keeps of an answer what masked errors leave of it, and replays that', async () => {
    const yoga = createYoga({
      schema: schemaWithNote(),
      logging: false,
      plugins: [useIdempotency({ ...OPTIONS, store: new MemoryStore() })],
    });
    const answers = [];
    for (let request = 0; request < 2; request += 1) {
      answers.push(await post(yoga, 'mutation { pay(amount: 5) { id note } }'));
    }
    for (const { body } of answers) {
      expect(body['data']).toEqual({ pay: { id: 1, note: null } });
      expect(body['errors']).toMatchObject([
        { message: 'Unexpected error.', path: ['pay', 'note'] },
      ]);
      expect(JSON.stringify(body)).not.toContain('secret');
    }
    expect(answers.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([
      null,
      'true',
    ]);
    expect(effects).toBe(1);
    await yoga.dispose();
  });

  it('sets the status of refusals with `httpStatus`, and shows clients nothing of it', async () => {
    const yoga = createYoga({
      schema: schemaWithNote(),
      logging: false,
      plugins: [useIdempotency({ ...OPTIONS, store: new MemoryStore(), httpStatus: true })],
    });
    await post(yoga, 'mutation { pay(amount: 5) { id } }');
    const { status, body } = await post(yoga, 'mutation { pay(amount: 6) { id } }');
    expect(status).toBe(422);
    expect(body['errors']).toMatchObject([
      { extensions: { code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH' } },
    ]);
    expect(JSON.stringify(body)).not.toContain('"http"');
    await yoga.dispose();
  });

  it('links to the section of the code, in the error and in a header', async () => {
    const options = { httpStatus: true, documentationUrl: 'https://pay.example/errors' };
    const yoga = createYoga({
      schema: schemaWithNote(),
      logging: false,
      plugins: [useIdempotency({ ...OPTIONS, ...options, store: new MemoryStore() })],
    });
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation { pay(amount: 5) { id } }' }),
    });
    const link = 'https://pay.example/errors#idempotency-key-required';
    expect(response.headers.get('link')).toBe(`<${link}>; rel="describedby"; type="text/html"`);
    expect(await response.json()).toMatchObject({
      errors: [{ extensions: { documentationUrl: link } }],
    });
    await yoga.dispose();
  });

  it('refuses wrong options, and a second one of it', () => {
    const start = (...plugins: readonly object[]): Yoga =>
      createYoga({ schema: schemaWithNote(), logging: false, plugins });
    expect(() => start(useIdempotency({ ...OPTIONS, waitMs: -1 }))).toThrow(
      'useIdempotency refuses to start:\n  - waitMs must be',
    );
    expect(() => start(useIdempotency(undefined as never))).toThrow('store is missing');
    expect(() => start(useIdempotency(OPTIONS), useIdempotency(OPTIONS))).toThrow(
      'useIdempotency refuses to start:\n  - It stands in the list of plugins twice.',
    );
  });
});
