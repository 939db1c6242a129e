import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ApolloServerOptionsWithSchema } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import type { GraphQLSchema } from 'graphql';
import type { IdempotencyOptions } from '../../src/index.js';
import { createServer, type TestContext, type TestResponse } from './apollo.js';

/** A request as it goes over the wire. */
export interface RawRequest {
  /** @defaultValue 'POST' */
  readonly method?: 'GET' | 'POST';
  /** @defaultValue '/' */
  readonly path?: string;
  /** Sent as they are, one byte per character, beside those that the body needs. */
  readonly headers?: readonly string[];
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown;
}

/** An HTTP response. `body` is empty if it was not JSON, as Node's own refusals are. */
export interface RawResponse extends TestResponse {
  readonly text: string;
}

/** An Apollo Server behind a real socket. */
export interface HttpServer {
  readonly port: number;
  send(request: RawRequest): Promise<RawResponse>;
  /** Sends a request without waiting for its answer. */
  open(request: RawRequest): Promise<Socket>;
  stop(): Promise<void>;
}

/** Starts one on a free port. The header `caller` names the caller; without it, it is alice. */
export async function startHttpServer(
  schema: GraphQLSchema,
  options: Partial<IdempotencyOptions<TestContext>> = {},
  apollo: Partial<ApolloServerOptionsWithSchema<TestContext>> = {},
): Promise<HttpServer> {
  const { server } = createServer(schema, options, apollo);
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: '127.0.0.1' },
    context: ({ req }) => Promise.resolve({ user: String(req.headers['caller'] ?? 'alice') }),
  });
  const port = Number(new URL(url).port);

  async function open(request: RawRequest): Promise<Socket> {
    const socket = connect(port, '127.0.0.1');
    // Node may have refused and closed before everything is written.
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(bytesOf(request));
    return socket;
  }

  return {
    port,
    open,
    async send(request) {
      const socket = await open(request);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      await once(socket, 'close');
      return parse(Buffer.concat(chunks).toString('utf8'));
    },
    stop: () => server.stop(),
  };
}

function bytesOf({ method = 'POST', path = '/', headers = [], body }: RawRequest): Buffer {
  const payload = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'host: localhost',
    'connection: close',
    'content-type: application/json',
    `content-length: ${payload.length}`,
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), payload]);
}

function parse(response: string): RawResponse {
  const end = response.indexOf('\r\n\r\n');
  const [statusLine = '', ...headerLines] = response.slice(0, end).split('\r\n');
  const text = response.slice(end + 4);
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: new Map(
      headerLines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    ),
    text,
    body:
      text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as RawResponse['body']) : {},
  };
}
