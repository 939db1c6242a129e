import { startServerProcess, type ServerProcess } from '../support/server-process.js';
import { useRedis } from '../support/use-redis.js';
import { compileExample } from './compile-example.js';

interface Answer {
  readonly replayed: string | null;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly { message: string; extensions: { code: string } }[];
    readonly extensions?: { readonly idempotency: Record<string, { status: string }> };
  };
}

async function post(
  { url }: ServerProcess,
  query: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'alice', ...headers },
    body: JSON.stringify({ query }),
  });
  const replayed = response.headers.get('idempotent-replayed');
  return { replayed, body: (await response.json()) as Answer['body'] };
}

const key = { 'idempotency-key': 'order-1' };
const PAY = 'mutation { createPayment(amount: 1250) { id amount } }';
const PAY_INPUT = 'mutation { createPayment(input: { amount: 1250 }) { id amount } }';
const paid = { createPayment: { id: '1', amount: 1250 } };

describe('a program of the README or the first steps', () => {
  const redis = useRedis();
  let server: ServerProcess | undefined;

  afterEach(async () => {
    await server?.end('SIGKILL');
    server = undefined;
  });

  async function start(name: string, env: Record<string, string> = {}): Promise<ServerProcess> {
    server = await startServerProcess({ REDIS_URL: redis.url, ...env }, compileExample(name));
    return server;
  }

  it.each([
    ['readme/server', PAY_INPUT],
    ['getting-started/sdl', PAY],
    ['getting-started/type-graphql', PAY],
  ])('%s pays once for one key, and refuses a request without one', async (name, query) => {
    const running = await start(name);
    const first = await post(running, query, key);
    expect(first.body.data).toEqual(paid);
    expect(first.body.extensions?.idempotency['createPayment']?.status).toBe('executed');
    expect(first.replayed).toBeNull();

    const retry = await post(running, query, key);
    expect(retry.body.data).toEqual(paid);
    expect(retry.body.extensions?.idempotency['createPayment']?.status).toBe('replayed');
    expect(retry.replayed).toBe('true');

    const other = await post(running, query.replace('1250', '1'), key);
    expect(other.body.errors?.[0]?.extensions.code).toBe('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
    const without = await post(running, query);
    expect(without.body.errors?.[0]?.extensions.code).toBe('IDEMPOTENCY_KEY_REQUIRED');
    const { body } = await post(running, '{ payments { id } }');
    expect(body.data).toEqual({ payments: [{ id: '1' }] });
  });

  it('getting-started/type-graphql gives no stored answer to who may not pay', async () => {
    const running = await start('getting-started/type-graphql');
    await post(running, PAY, key);
    const refused = await post(running, PAY, { ...key, authorization: '' });
    expect(refused.body.data).toBeNull();
  });

  it('getting-started/existing serves old clients as before, and new ones once', async () => {
    const running = await start('getting-started/existing');
    await post(running, PAY, key);
    expect((await post(running, PAY, key)).replayed).toBe('true');
    expect((await post(running, PAY)).body.data).toEqual({
      createPayment: { id: '2', amount: 1250 },
    });
    expect(running.lines).toContain('no key: Mutation.createPayment');

    const refund = await post(running, 'mutation { refundPayment(id: "1") { id } }');
    expect(refund.body.errors?.[0]?.extensions.code).toBe('IDEMPOTENCY_KEY_REQUIRED');
  });

  it('getting-started/existing asks its guards before it replays', async () => {
    const running = await start('getting-started/existing');
    const mallory = { ...key, authorization: 'mallory' };
    await post(running, PAY, key);
    const refused = await post(running, PAY, mallory);
    expect(refused.body.errors?.[0]?.message).toBe('You may not pay.');
    expect((await post(running, '{ payments { id } }')).body.data).toEqual({
      payments: [{ id: '1' }],
    });
  });

  it('readme/recover finds what a server had paid that died before it answered (G11)', async () => {
    const doomed = await start('readme/recover', { DIE_AFTER_PAYING: 'yes' });
    await expect(post(doomed, PAY, key)).rejects.toThrow();
    const next = await start('readme/recover');
    const retry = await post(next, PAY, key);
    expect(retry.body.data).toEqual(paid);
    expect((await post(next, '{ payments }')).body.data).toEqual({ payments: 1 });
  });
});
