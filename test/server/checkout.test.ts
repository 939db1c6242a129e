import { request, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { isOnThisMachine } from '../../src/server/http/own-page.js';
import { createClient } from '../client/client.js';
import { CreatePaymentDocument, PaymentsDocument } from '../client/generated/graphql.js';
import { startServerProcess, type ServerProcess } from '../support/server-process.js';
import { ORDER, startPayments } from './start.js';

interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe('the checkout page on the payments server', () => {
  let server: ServerProcess;
  let page: string;

  beforeAll(async () => {
    server = await startServerProcess({});
    page = `${server.url}checkout`;
  });
  afterAll(() => server.end('SIGKILL'));
  afterEach(() => flip({ away: false }));

  /** Without what fetch adds and takes away: codings, above all. */
  function raw(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const method = body === undefined ? 'GET' : 'POST';
      request(url, { headers, method }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { statusCode: status, headers } = response;
          resolve({ status, headers, body: Buffer.concat(chunks) });
        });
      })
        .on('error', reject)
        .end(body);
    });
  }

  const flip = (body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${page}/store`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: new URL(page).origin,
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  const isAway = async (): Promise<unknown> =>
    ((await (await fetch(`${page}/store`)).json()) as { away: unknown }).away;

  const assets = async (): Promise<string[]> =>
    [...(await (await fetch(page)).text()).matchAll(/(?:src|href)="(\/checkout\/[^"]+)"/g)].map(
      ([, path]) => new URL(path ?? '', server.url).href,
    );

  it('may load and call this server only, and holds no inline code', async () => {
    const response = await fetch(page);
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';" +
        "connect-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|style=|https?:|\bon\w+=/);
  });

  it('is asked for again each time, and sent again only when it has changed', async () => {
    const brotli = { 'accept-encoding': 'br' };
    const first = await raw(page, brotli);
    expect(first.headers['cache-control']).toBe('no-cache');
    const same = await raw(page, { ...brotli, 'if-none-match': String(first.headers.etag) });
    expect([same.status, same.body.length]).toEqual([304, 0]);
    const other = await raw(page, { ...brotli, 'if-none-match': '"another"' });
    expect([other.status, other.body.equals(first.body)]).toEqual([200, true]);
  });

  it('has assets that are kept for ever, under names that change with them', async () => {
    const urls = await assets();
    expect(urls.map((url) => url.replace(/-\w+(?=\.\w+$)/, '-HASH'))).toEqual(
      ['icon-HASH.svg', 'style-HASH.css', 'main-HASH.js'].map((name) => `${page}/${name}`),
    );
    const types = ['image/svg+xml', 'text/css', 'text/javascript'];
    for (const [index, url] of urls.entries()) {
      const { status, headers } = await fetch(url);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe(types[index]);
      expect(headers.get('cache-control')).toBe('public,max-age=31536000,immutable');
    }
  });

  it('goes out compressed to those who accept that, and is the same for all', async () => {
    for (const url of [page, ...(await assets())]) {
      const plain = await raw(url);
      const zipped = await raw(url, { 'accept-encoding': 'gzip' });
      const brotli = await raw(url, { 'accept-encoding': 'gzip, deflate, br' });
      const refused = await raw(url, { 'accept-encoding': 'br;q=0, identity' });
      expect(
        [plain, zipped, brotli, refused].map((one) => one.headers['content-encoding']),
      ).toEqual([undefined, 'gzip', 'br', undefined]);
      expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true);
      expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
      expect(refused.body.equals(plain.body)).toBe(true);
      expect(plain.headers.vary).toBe('Accept-Encoding');
    }
  });

  it.each(['nothing.js', 'checkout.js', '..%2fmain.js', 'store/x', '__proto__'])(
    'has nothing at /checkout/%s',
    async (path) => {
      const response = await fetch(`${page}/${path}`);
      expect(response.status).toBe(404);
      expect(await response.json()).toHaveProperty('errors.0.message', 'There is nothing here.');
    },
  );

  it('leaves the landing page and the API where they are', async () => {
    const landing = await fetch(server.url, { headers: { accept: 'text/html' } });
    expect(await landing.text()).toContain('embeddable-sandbox');
    const { data } = await createClient(server.url, 'alice').send(PaymentsDocument, {});
    expect(data?.payments.totalCount).toBe(0);
  });

  it('takes the record store away and brings it back: nothing runs in between (G12)', async () => {
    const alice = createClient(server.url, 'alice');
    const pay = (): ReturnType<typeof alice.send<unknown, unknown>> =>
      alice.send(CreatePaymentDocument, { input: ORDER, key: 'away-1' });
    const health = async (): Promise<number> => (await fetch(`${server.url}health`)).status;
    expect(await health()).toBe(200);

    const away = await flip({ away: true });
    expect(await away.json()).toEqual({
      store: 'memory',
      switchable: true,
      away: true,
      awayForMs: expect.any(Number) as number,
    });
    expect(await isAway()).toBe(true);
    expect(await health()).toBe(503);
    const refused = await pay();
    expect(refused.errors[0]?.extensions).toMatchObject({
      code: 'IDEMPOTENCY_STORE_UNAVAILABLE',
      retryable: true,
    });

    await flip({ away: false });
    expect(await health()).toBe(200);
    const [first, second] = [await pay(), await pay()];
    expect([first.replayed, second.replayed]).toEqual([false, true]);
    expect(second.data).toEqual(first.data);
    const { data } = await alice.send(PaymentsDocument, {});
    expect(data?.payments.totalCount).toBe(1);
    expect(server.lines.filter((line) => line.includes('/checkout'))).toEqual(
      expect.arrayContaining([
        'INFO: The record store was taken away on /checkout.',
        'INFO: The record store was brought back on /checkout.',
      ]),
    );
  });

  it('empties the store when it is told to', async () => {
    const alice = createClient(server.url, 'alice');
    const input = { ...ORDER, amount: 3, reference: 'forgotten' };
    const pay = async (): Promise<unknown> => {
      const { data, replayed } = await alice.send(CreatePaymentDocument, {
        input,
        key: 'forget-1',
      });
      return { data, replayed };
    };
    const first = (await pay()) as { readonly data: unknown };
    expect(await pay()).toEqual({ data: first.data, replayed: true });
    expect((await flip({ forget: true })).status).toBe(200);
    // The record is gone, so that the resolver ran; what it found in the ledger's database did not.
    expect(await pay()).toEqual({ data: first.data, replayed: false });
    expect(server.lines).toContain('INFO: The record store was emptied on /checkout.');
  });

  it.each([
    ['no JSON', '{"away":', 400, 'not valid JSON'],
    ['a word', '"away"', 400, 'not valid JSON'],
    [
      'another name',
      { gone: true },
      400,
      'Send {"away": true}, {"away": false} or {"forget": true}.',
    ],
    [
      'another type',
      { away: 'true' },
      400,
      'Send {"away": true}, {"away": false} or {"forget": true}.',
    ],
    ['a list', [true], 400, 'Send {"away": true}, {"away": false} or {"forget": true}.'],
    ['too much', { away: true, more: 'x'.repeat(2_000) }, 413, 'larger than 1024 bytes'],
  ])('refuses %s at its switch, and nothing changes', async (_, body, status, message) => {
    const response = await flip(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty(
      'errors.0.message',
      expect.stringContaining(message),
    );
    expect(await isAway()).toBe(false);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])(
    'cannot be switched by a form or a plain request of another page: "%s"',
    async (type) => {
      const response = await flip({ away: true }, { 'content-type': type });
      expect(response.status).toBe(415);
      expect(await isAway()).toBe(false);
    },
  );

  it('lets no page of another origin ask first, flip the switch or read it', async () => {
    const origin = 'https://elsewhere.example';
    const preflight = await fetch(`${page}/store`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(preflight.status).toBe(405);
    expect(preflight.headers.get('allow')).toBe('GET, HEAD, POST');
    for (const response of [preflight, await fetch(`${page}/store`, { headers: { origin } })]) {
      const names = [...response.headers.keys()];
      expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
    // The API next to it goes on allowing every origin, as Apollo Sandbox needs it.
    const api = await fetch(server.url, { method: 'OPTIONS', headers: { origin } });
    expect(api.headers.get('access-control-allow-origin')).toBe('*');
  });

  /** As the page does it, but for these header lines. */
  async function flipBy(headers: Readonly<Record<string, string>>): Promise<RawAnswer> {
    const { host, origin } = new URL(page);
    const lines = { host, origin, 'content-type': 'application/json', ...headers };
    return raw(`${page}/store`, lines, '{"away":true}');
  }

  it.each([
    ['no origin', { origin: '' }],
    ['the origin of a sandboxed frame', { origin: 'null' }],
    ['another origin', { origin: 'https://elsewhere.example' }],
    ['the same by https', { origin: 'https://localhost:4000' }],
    ['another port', { origin: 'http://localhost:1' }],
    ['a name that somebody points here', { host: 'evil.example', origin: 'http://evil.example' }],
    ['such a name with the port', { host: 'localhost.evil.example:4000' }],
    ['another host than its origin', { host: '127.0.0.1' }],
    ['a proxy', { 'x-forwarded-for': '203.0.113.7' }],
    ['a proxy of today', { forwarded: 'for=203.0.113.7' }],
  ])('cannot be switched by %s', async (_, headers) => {
    const { status, body } = await flipBy(headers);
    expect([status, JSON.parse(String(body))]).toEqual([
      403,
      expect.objectContaining({ errors: [expect.anything()] }),
    ]);
    expect(await isAway()).toBe(false);
  });

  it('can be switched under every name of this machine', async () => {
    const { port } = new URL(page);
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      const host = `${name}:${port}`;
      expect(await flipBy({ host, origin: `http://${host}` })).toMatchObject({ status: 200 });
      expect((await flip({ away: false })).status).toBe(200);
    }
  });

  it.each([
    ['127.0.0.1', 'IPv4', 'localhost:4000', true],
    ['::1', 'IPv6', '[::1]:4000', true],
    ['::ffff:127.0.0.1', 'IPv6', '127.0.0.1:4000', true],
    ['::ffff:192.0.2.1', 'IPv6', 'localhost:4000', false],
    ['192.0.2.1', 'IPv4', 'localhost:4000', false],
    ['2001:db8::1', 'IPv6', '[::1]:4000', false],
    ['127.0.0.1', 'IPv4', 'localhost', false],
    ['127.0.0.1', 'IPv4', 'localhost:4000.evil.example', false],
    [undefined, undefined, 'localhost:4000', false],
  ])('knows that a request from %s (%s) to %s is of this machine: %s', (...row) => {
    const [remoteAddress, remoteFamily, host, own] = row;
    const socket = { remoteAddress, remoteFamily, localPort: 4_000 };
    expect(isOnThisMachine({ headers: { host }, socket })).toBe(own);
  });

  it('shows its switch only to those who may use it', async () => {
    const { body } = await raw(`${page}/store`, { host: 'shop.example' });
    expect(JSON.parse(String(body))).toMatchObject({ switchable: false, away: false });
  });

  it('has no switch where CHECKOUT_SWITCHES is off', async () => {
    const still = await startServerProcess({ CHECKOUT_SWITCHES: 'off' });
    try {
      const url = `${still.url}checkout/store`;
      expect(await (await fetch(url)).json()).toEqual({
        store: 'memory',
        switchable: false,
        away: false,
        awayForMs: 0,
      });
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: new URL(url).origin },
        body: '{"away":true}',
      });
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('CHECKOUT_SWITCHES is off');
      expect((await fetch(`${still.url}health`)).status).toBe(200);
    } finally {
      await still.end('SIGKILL');
    }
  });

  it('says so where it was not built', async () => {
    // From its sources the server has nothing beside it.
    const source = await startPayments();
    try {
      const response = await fetch(`${source.url}checkout`);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('npm run build');
    } finally {
      await source.stop();
    }
  });
});
