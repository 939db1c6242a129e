import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import type { GraphQLSchema } from 'graphql';
import { serveWithExpress } from '../../docs/examples/express.js';
import { serveWithFastify } from '../../docs/examples/fastify.js';
import {
  applyIdempotency,
  idempotencyPlugin,
  MemoryStore,
  type IdempotencyOptions,
} from '../../src/index.js';
import type { TestResponse } from '../graphql/apollo.js';
import { createSchema, postJson, type HttpResponse } from './schema.js';

interface Context {
  readonly user: string;
}

type Body = TestResponse['body'];

interface Framework {
  readonly name: string;
  readonly serve: (apollo: ApolloServer<Context>, port: number) => Promise<Server>;
  /** What an empty Idempotency-Key header is. */
  readonly emptyKey: string;
}

describe.each<Framework>([
  { name: 'express', serve: serveWithExpress, emptyKey: 'IDEMPOTENCY_KEY_INVALID' },
  // Its integration leaves out headers that are empty.
  { name: 'Fastify', serve: serveWithFastify, emptyKey: 'IDEMPOTENCY_KEY_REQUIRED' },
])('Apollo Server on $name', ({ serve, emptyKey }) => {
  const effects: string[] = [];
  const schema: GraphQLSchema = applyIdempotency(createSchema(effects));
  let apollo: ApolloServer<Context>;
  let port: number;

  async function start(options: Partial<IdempotencyOptions<Context>> = {}): Promise<void> {
    apollo = new ApolloServer<Context>({
      schema,
      allowBatchedHttpRequests: true,
      stopOnTerminationSignals: false,
      plugins: [
        idempotencyPlugin<Context>({
          store: new MemoryStore(),
          scope: ({ user }) => user,
          ...options,
        }),
      ],
    });
    ({ port } = (await serve(apollo, 0)).address() as AddressInfo);
  }

  beforeEach(async () => {
    effects.length = 0;
    await start();
  });
  afterEach(() => apollo.stop());

  const post = (
    query: string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<HttpResponse<Body>> => postJson<Body>(port, { query }, headers);
  const codesOf = ({ body }: HttpResponse<Body>): unknown[] =>
    (body.errors ?? []).map(({ extensions }) => extensions['code']);

  const PAY = 'mutation { pay(amount: 5) { id amount } }';
  const key = { 'Idempotency-Key': 'k1' };

  it('runs a mutation once and replays it, with a header that pages may read (G1, G18)', async () => {
    const first = await post(PAY, key);
    const second = await post(PAY, key);
    expect(first.body.data).toEqual({ pay: { id: 'p1', amount: 5 } });
    expect(second.body.data).toEqual(first.body.data);
    expect(first.body.extensions?.idempotency).toHaveProperty('pay.status', 'executed');
    expect(second.body.extensions?.idempotency).toHaveProperty('pay.status', 'replayed');
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(second.headers.get('access-control-expose-headers')).toBe('Idempotent-Replayed');
    expect(effects).toEqual(['pay 5']);
  });

  it('keeps the keys of two callers apart (G3)', async () => {
    await post(PAY, key);
    await post(PAY, { ...key, authorization: 'bob' });
    expect(effects).toEqual(['pay 5', 'pay 5']);
  });

  it('refuses a key with other arguments (G4)', async () => {
    await post(PAY, key);
    const other = await post('mutation { pay(amount: 6) { id } }', key);
    expect([other.status, codesOf(other)]).toEqual([200, ['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']]);
    expect(effects).toEqual(['pay 5']);
  });

  it.each([
    ['a missing key', undefined, 'IDEMPOTENCY_KEY_REQUIRED'],
    ['an empty one', '', emptyKey],
    ['a list of two', 'k1, k2', 'IDEMPOTENCY_KEY_INVALID'],
  ])('refuses %s (G5)', async (_name, value, code) => {
    const refused = await post(PAY, value === undefined ? {} : { 'Idempotency-Key': value });
    expect([refused.status, codesOf(refused)]).toEqual([200, [code]]);
    expect(effects).toEqual([]);
  });

  it('takes a batch whose operations have a key each, and no header for all of them (G6)', async () => {
    const pay = (name: string): object => ({
      query: `mutation { pay(amount: 5, idempotencyKey: "${name}") { id } }`,
    });
    const refused = await postJson<Body[]>(port, [{ query: PAY }, { query: PAY }], key);
    expect(refused.body.map((one) => one.errors?.[0]?.extensions['code'])).toEqual([
      'IDEMPOTENCY_KEY_AMBIGUOUS',
      'IDEMPOTENCY_KEY_AMBIGUOUS',
    ]);
    expect(effects).toEqual([]);
    await postJson<Body[]>(port, [pay('a'), pay('b')]);
    const again = await postJson<Body[]>(port, [pay('a'), pay('b')]);
    expect(again.body.map((one) => one.extensions?.idempotency?.['pay']?.['status'])).toEqual([
      'replayed',
      'replayed',
    ]);
    expect(again.headers.get('idempotent-replayed')).toBeNull();
    expect(effects).toEqual(['pay 5', 'pay 5']);
  });

  it('answers queries and unmarked mutations as if there were no key', async () => {
    const query = await post('{ ping }', key);
    expect([query.status, query.body]).toEqual([200, { data: { ping: 'pong' } }]);
    await post('mutation { log(line: "a") }', key);
    const second = await post('mutation { log(line: "a") }', key);
    expect(second.body).toEqual({ data: { log: 2 } });
    expect(second.headers.get('idempotent-replayed')).toBeNull();
  });

  it('sets statuses if it is told to (G19)', async () => {
    await apollo.stop();
    await start({ httpStatus: true });
    await post(PAY, key);
    const mismatch = await post('mutation { pay(amount: 6) { id } }', key);
    expect([mismatch.status, codesOf(mismatch)]).toEqual([
      422,
      ['IDEMPOTENCY_KEY_PARAMETER_MISMATCH'],
    ]);
    expect((await post(PAY)).status).toBe(400);
    expect(mismatch.headers.get('link')).toBeNull();
  });

  it('links to the section of the code if it knows the page', async () => {
    await apollo.stop();
    await start({ httpStatus: true, documentationUrl: 'https://pay.example/errors' });
    await post(PAY, key);
    const links = [await post(PAY), await post('mutation { pay(amount: 6) { id } }', key)].map(
      ({ headers, body }) => [
        headers.get('link'),
        body.errors?.[0]?.extensions['documentationUrl'],
      ],
    );
    const required = 'https://pay.example/errors#idempotency-key-required';
    const mismatch = 'https://pay.example/errors#idempotency-key-parameter-mismatch';
    expect(links).toEqual([
      [`<${required}>; rel="describedby"; type="text/html"`, required],
      [`<${mismatch}>; rel="describedby"; type="text/html"`, mismatch],
    ]);
    const invalid = await post(PAY, { 'idempotency-key': 'a b' });
    expect(invalid.headers.get('link')).toContain('#idempotency-key-invalid>');
  });

  it('links in the error alone if it sets no status', async () => {
    await apollo.stop();
    await start({ documentationUrl: 'https://pay.example/errors?lang=en' });
    const refused = await post(PAY);
    expect(refused.headers.get('link')).toBeNull();
    expect(refused.body.errors?.[0]?.extensions['documentationUrl']).toBe(
      'https://pay.example/errors?lang=en#idempotency-key-required',
    );
    expect((await post(PAY, key)).body).not.toHaveProperty('errors');
  });
});
