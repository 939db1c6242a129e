import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { startServerProcess, type ServerProcess } from '../support/server-process.js';
import { useRedis } from '../support/use-redis.js';
import { compileExample } from './compile-example.js';

const SOURCE = join(__dirname, '../../docs/examples/payment-provider.ts');

/** A provider that does one thing per key. It lives here, so it survives the servers that ask it. */
interface Provider {
  readonly url: string;
  /** What was asked for, in order: path and key. */
  readonly requests: { readonly path: string; readonly key: string }[];
  /** What was done: one entry per path and key. */
  readonly effects: ReadonlyMap<string, object>;
  /** Called after the effect and before the answer. */
  beforeAnswer: (path: string) => Promise<void>;
  close(): Promise<void>;
}

async function startProvider(): Promise<Provider> {
  const effects = new Map<string, object>();
  const requests: { path: string; key: string }[] = [];
  const provider = { requests, effects, beforeAnswer: () => Promise.resolve() };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    const key = String(request.headers['idempotency-key']);
    const body = (await json(request)) as object;
    requests.push({ path, key });
    const made = effects.get(path + key) ?? { id: `${path}-${String(effects.size)}`, ...body };
    effects.set(path + key, made);
    await result.beforeAnswer(path);
    response.end(JSON.stringify(made));
  };
  const server: Server = createServer((request, response) => {
    void answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const result: Provider = {
    ...provider,
    url: `http://127.0.0.1:${String(port)}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return result;
}

interface Reply {
  readonly data?: { readonly charge: { readonly id: string; readonly amount: number } };
  readonly extensions?: { readonly idempotency: { readonly charge: Record<string, unknown> } };
}

describe('the example of a payment provider', () => {
  const redis = useRedis();
  let provider: Provider;
  let servers: ServerProcess[];
  const main = compileExample('payment-provider');

  beforeEach(async () => {
    provider = await startProvider();
    servers = [];
  });

  afterEach(async () => {
    await Promise.all(servers.map((server) => server.end('SIGKILL')));
    await provider.close();
  });

  async function start(): Promise<ServerProcess> {
    const env = { REDIS_URL: redis.url, PROVIDER_URL: provider.url };
    const server = await startServerProcess(env, main);
    servers.push(server);
    return server;
  }

  async function charge(server: ServerProcess, key: string): Promise<Reply> {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'alice',
        'idempotency-key': key,
      },
      body: JSON.stringify({ query: 'mutation { charge(amount: 100) { id amount } }' }),
    });
    return (await response.json()) as Reply;
  }

  /** Kills the server once the provider has done what is at `path`, before it says so. */
  async function crashAt(path: string, key: string): Promise<Reply> {
    const doomed = await start();
    provider.beforeAnswer = async (asked) => {
      if (asked === path) await doomed.end('SIGKILL');
    };
    await expect(charge(doomed, key)).rejects.toThrow();
    provider.beforeAnswer = () => Promise.resolve();
    return charge(await start(), key);
  }

  it('charges once when the server dies between the charge and its recording (G11, G23)', async () => {
    const retried = await crashAt('/charges', 'k1');
    expect(retried.data?.charge).toEqual({ id: '/charges-0', amount: 100 });
    expect(retried.extensions?.idempotency.charge).toMatchObject({
      status: 'executed',
      attempt: 2,
    });
    expect(provider.requests.map(({ path }) => path)).toEqual([
      '/charges',
      '/charges',
      '/receipts',
    ]);
    expect(new Set(provider.requests.map(({ key }) => key)).size).toBe(2);
    expect(provider.effects.size).toBe(2);
  });

  it('does not ask for a charge again that is recorded (G23)', async () => {
    const retried = await crashAt('/receipts', 'k2');
    expect(retried.data?.charge).toEqual({ id: '/charges-0', amount: 100 });
    expect(retried.extensions?.idempotency.charge).toMatchObject({ attempt: 2 });
    expect(provider.requests.map(({ path }) => path)).toEqual([
      '/charges',
      '/receipts',
      '/receipts',
    ]);
    expect(provider.effects.size).toBe(2);
  });

  it('is what the documentation shows', () => {
    const page = readFileSync(join(__dirname, '../../docs/payment-provider.md'), 'utf8');
    expect(page).toContain(`\n\`\`\`ts\n${readFileSync(SOURCE, 'utf8')}\`\`\`\n`);
  });
});
