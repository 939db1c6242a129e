import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';
import { serveGraphqlWs } from '../../docs/examples/servers/graphql-ws.js';
import { createIdempotency } from '../../src/index.js';
import { describeDoor } from './battery.js';
import type { Door, DoorAnswer } from './door.js';
import { createSdlSchema } from './sdl-schema.js';

const door: Door = {
  name: 'graphql-ws',
  hasHeaders: false,
  takesBatches: false,
  async start(schema, options) {
    const idempotency = createIdempotency(options);
    idempotency.applyTo(schema);
    await idempotency.start();
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(sockets, 'listening');
    const { port } = sockets.address() as AddressInfo;
    const served = serveGraphqlWs(schema, idempotency, sockets);
    return {
      async send({ query, variables, user = 'alice' }) {
        const client = createClient({
          url: `ws://127.0.0.1:${String(port)}`,
          webSocketImpl: WebSocket,
          connectionParams: { authorization: user },
          retryAttempts: 0,
        });
        try {
          const request = { query, ...(variables === undefined ? {} : { variables }) };
          for await (const body of client.iterate(request)) {
            return { body: body as DoorAnswer, replayedHeader: null };
          }
          throw new Error('The operation ended without a result.');
        } finally {
          await client.dispose();
        }
      },
      async stop() {
        await idempotency.drain();
        await served.dispose();
        await idempotency.close();
      },
    };
  },
};

describeDoor(door, createSdlSchema);
