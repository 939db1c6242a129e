import { getIntrospectionQuery } from 'graphql';
import { EXAMPLE_DOCUMENT } from '../../src/server/http/example.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startPayments, type TestPaymentsServer } from './start.js';

interface SandboxState {
  readonly document: string;
  readonly variables: Record<string, unknown>;
  readonly headers: Record<string, string>;
}

describe('Apollo Sandbox on the payments server', () => {
  let redis: RedisServer;
  let server: TestPaymentsServer;
  let state: SandboxState;

  beforeAll(async () => {
    redis = await startRedis();
    server = await startPayments({ redisUrls: [redis.url] });
    const page = await fetch(server.url, { headers: { accept: 'text/html' } });
    const config = /var embeddedSandboxConfig = (\{.*\});/.exec(await page.text())?.[1] ?? '{}';
    state = (JSON.parse(config) as { initialState: SandboxState }).initialState;
  });
  afterAll(async () => {
    await server.stop();
    await redis.stop();
  });

  /** A request as the page sends it: with its headers, whatever the operation. */
  async function run(body: object): Promise<{ response: Response; body: unknown }> {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...state.headers },
      body: JSON.stringify(body),
    });
    return { response, body: await response.json() };
  }

  it('opens on a payment with variables, caller and key', () => {
    expect(state.document).toBe(EXAMPLE_DOCUMENT);
    expect(state.variables).toHaveProperty('input.from', 'acct_alice_eur');
    expect(state.headers).toEqual({
      Authorization: 'Bearer alice',
      'Idempotency-Key': expect.stringMatching(/^sandbox-[0-9a-f]{8}$/) as string,
    });
  });

  it('shows a replay when Run is pressed twice', async () => {
    const operation = { query: state.document, variables: state.variables, operationName: 'Pay' };
    const first = await run(operation);
    const second = await run(operation);
    expect(first.body).toHaveProperty('data.createPayment.__typename', 'Payment');
    expect(first.body).toHaveProperty('extensions.idempotency.createPayment.status', 'executed');
    expect(second.body).toHaveProperty('extensions.idempotency.createPayment.status', 'replayed');
    expect(second.response.headers.get('idempotent-replayed')).toBe('true');
    expect(second.body).toHaveProperty(
      'data.createPayment.id',
      (first.body as { data: { createPayment: { id: string } } }).data.createPayment.id,
    );
  });

  it('polls the schema with the same headers, and the store hears nothing of it', async () => {
    const commands = await redis.commandsDuring(async () => {
      for (let poll = 0; poll < 5; poll += 1) {
        const { body } = await run({
          query: getIntrospectionQuery(),
          operationName: 'IntrospectionQuery',
        });
        expect(body).toHaveProperty('data.__schema');
      }
      await run({ query: '{ viewer { name } }' });
      await run({ query: 'mutation { renameAccount(id: "acct_alice_eur", name: "A") { id } }' });
    });
    expect(commands).toEqual(new Map());
  });

  it('may call from studio.apollographql.com, and sees the replay header there', async () => {
    const origin = 'https://studio.apollographql.com';
    const preflight = await fetch(server.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
        'access-control-request-private-network': 'true',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    expect(preflight.headers.get('access-control-allow-headers')).toBe(
      'authorization,content-type,idempotency-key',
    );
    expect(preflight.headers.get('access-control-allow-private-network')).toBe('true');
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json', ...state.headers },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    expect(response.headers.get('access-control-expose-headers')).toContain('Idempotent-Replayed');
  });
});
