import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HeaderMap, type ApolloServer } from '@apollo/server';
import { parseFault } from '../fault.js';
import { readBody } from '../provider.js';
import { instructions, type Instructions } from './instructions.js';
import type { WorkerContext } from './schema.js';

/** A worker's HTTP server. */
export interface WorkerHttp {
  /** To be drained when the Apollo Server stops. */
  readonly server: Server;
  /** Serves an Apollo Server on a free port; resolves with the port. */
  serve(apollo: ApolloServer<WorkerContext>): Promise<number>;
}

/** Creates a worker's HTTP server. */
export function createWorkerHttp(): WorkerHttp {
  const server = createServer();
  server.keepAliveTimeout = 0;
  return {
    server,
    async serve(apollo) {
      server.on('request', (request, response) => {
        void instructions.run(instructionsIn(request), () => answer(apollo, request, response));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
  };
}

async function answer(
  apollo: ApolloServer<WorkerContext>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const headers = new HeaderMap();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    const body: unknown = JSON.parse(await readBody(request));
    const scope = String(request.headers.authorization);
    const key = String(request.headers['idempotency-key']);
    const graphql = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers, search: '', body },
      context: () => Promise.resolve({ scope, key }),
    });
    response.statusCode = graphql.status ?? 200;
    for (const [name, value] of graphql.headers) response.setHeader(name, value);
    response.end(graphql.body.kind === 'complete' ? graphql.body.string : '');
  } catch {
    // The client went away while it sent its request.
    response.destroy();
  }
}

function instructionsIn({ headers }: IncomingMessage): Instructions {
  const fault = headers['x-fault'];
  return {
    fault: typeof fault === 'string' ? parseFault(fault) : undefined,
    delayMs: Number(headers['x-delay-ms'] ?? 0),
    line: undefined,
  };
}
