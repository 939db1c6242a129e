import { connect } from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { requestOf, sendRaw } from './raw-http.js';
import { startPayments, type TestPaymentsServer } from './start.js';

const JSON_TYPE = 'Content-Type: application/json';
const QUERY = JSON.stringify({ query: '{ __typename }' });
const ZIPPED = gzipSync(QUERY);

describe('what a client can get wrong on the way to the payments server', () => {
  let server: TestPaymentsServer;

  beforeAll(async () => {
    server = await startPayments();
  });
  afterAll(() => server.stop());

  const post = (headers: readonly string[], body: string | Buffer): Buffer =>
    requestOf('POST /', headers, body);

  it.each<[string, Buffer, number, string]>([
    ['JSON that is compressed', post([JSON_TYPE, 'Content-Encoding: gzip'], ZIPPED), 200, 'Query'],
    ['another type', post(['Content-Type: text/plain'], QUERY), 415, 'Send JSON'],
    [
      'a form',
      post(['Content-Type: application/x-www-form-urlencoded'], 'query=x'),
      415,
      'Send JSON',
    ],
    ['no type', post([], QUERY), 415, 'Send JSON'],
    ['a broken type', post(['Content-Type: ;;;'], QUERY), 415, 'Send JSON'],
    ['no JSON', post([JSON_TYPE], '{bad'), 400, 'not valid JSON'],
    ['a JSON word', post([JSON_TYPE], '"query"'), 400, 'not valid JSON'],
    ['no body', requestOf('POST /', [JSON_TYPE]), 400, 'body'],
    ['a batch', post([JSON_TYPE], `[${QUERY},${QUERY}]`), 400, 'batching disabled'],
    ['an unknown charset', post([`${JSON_TYPE}; charset=klingon`], QUERY), 415, 'send UTF-8'],
    [
      'an unknown encoding',
      post([JSON_TYPE, 'Content-Encoding: zstd'], QUERY),
      415,
      'content encoding',
    ],
    [
      'two encodings',
      post([JSON_TYPE, 'Content-Encoding: gzip, gzip'], gzipSync(ZIPPED)),
      415,
      'content encoding',
    ],
    [
      'an encoding that is none',
      post([JSON_TYPE, 'Content-Encoding: gzip'], QUERY),
      400,
      'Content-Encoding',
    ],
    ['too much', post([JSON_TYPE], `"${'x'.repeat(65_535)}"`), 413, 'larger than 65536 bytes'],
    [
      'a bomb',
      post([JSON_TYPE, 'Content-Encoding: gzip'], gzipSync(Buffer.alloc(9e6))),
      413,
      'larger than 65536',
    ],
    [
      'a path that cannot be decoded',
      requestOf('GET /checkout/%E0%A4%A'),
      400,
      'The path is not valid',
    ],
    ['a path that cannot be decoded either', requestOf('GET /%E0%A4%A'), 404, 'nothing here'],
    ['a path above the page', requestOf('GET /checkout/../../package.json'), 404, 'nothing here'],
    ['the same, encoded', requestOf('GET /checkout/%2e%2e%2fpackage.json'), 404, 'nothing here'],
    ['the same for Windows', requestOf('GET /checkout/..%5cpackage.json'), 404, 'nothing here'],
    ['a NUL in the path', requestOf('GET /checkout/%00'), 404, 'nothing here'],
    [
      'a path of other servers',
      requestOf('POST /graphql', [JSON_TYPE], QUERY),
      404,
      'nothing here',
    ],
    ['PUT', requestOf('PUT /'), 405, 'Use one of GET, HEAD, POST, OPTIONS.'],
    ['DELETE', requestOf('DELETE /'), 405, 'Use one of GET, HEAD, POST, OPTIONS.'],
    ['TRACE', requestOf('TRACE /'), 405, 'Use one of GET, HEAD, POST, OPTIONS.'],
    [
      'POST to the health',
      requestOf('POST /health', [JSON_TYPE], QUERY),
      405,
      'Use one of GET, HEAD.',
    ],
    [
      'POST to the metrics',
      requestOf('POST /metrics', [JSON_TYPE], QUERY),
      405,
      'Use one of GET, HEAD.',
    ],
    [
      'a mutation by GET',
      requestOf('GET /?query=mutation%7B__typename%7D', ['apollo-require-preflight: 1']),
      405,
      'query operations',
    ],
    [
      'variables that are no JSON',
      requestOf('GET /?query=%7B__typename%7D&variables=%7B', ['apollo-require-preflight: 1']),
      400,
      'invalid JSON',
    ],
    [
      'two queries in one GET',
      requestOf('GET /?query=%7Ba%7D&query=%7Bb%7D', ['apollo-require-preflight: 1']),
      400,
      'only be specified once',
    ],
  ])('%s has its own status and sentence', async (_, request, status, sentence) => {
    const answer = await sendRaw(server.url, request);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(sentence)]);
    expect(answer.head).toContain('content-type: application/json; charset=utf-8');
    if (status !== 200) expect(JSON.parse(answer.body)).toHaveProperty('errors.0.message');
  });

  it.each([
    ['headers without end', 'GET / HTTP/1.1\r\nHost: localhost\r\nX: ', 408],
    ['a body without end', post([JSON_TYPE], QUERY).subarray(0, -5).toString(), 408],
    [
      'headers without measure',
      `GET /?query=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      431,
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['no HTTP', '\u0016\u0003\u0001 hello\r\n\r\n', 400],
  ])('%s ends the connection', async (_, request, status) => {
    const impatient = await startPayments({ requestTimeoutMs: 400 });
    try {
      expect((await sendRaw(impatient.url, request)).status).toBe(status);
    } finally {
      await impatient.stop();
    }
  });

  it('a client that hangs up in the middle of its body is nobody’s error', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(post([JSON_TYPE], QUERY).subarray(0, -5));
    socket.destroy();
    expect((await sendRaw(server.url, requestOf('GET /health'))).status).toBe(200);
    expect(server.lines.filter((line) => line.includes('error'))).toEqual([]);
  });

  it('HEAD is answered as GET is, without the body', async () => {
    for (const path of ['/', '/health', '/metrics']) {
      const html = ['Accept: text/html'];
      const [head, get] = [
        await sendRaw(server.url, requestOf(`HEAD ${path}`, html)),
        await sendRaw(server.url, requestOf(`GET ${path}`, html)),
      ];
      expect([path, head.status, head.body]).toEqual([path, 200, '']);
      expect(get.body).not.toBe('');
    }
  });
});
