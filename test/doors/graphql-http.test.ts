import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveGraphqlHttp } from '../../docs/examples/servers/graphql-http.js';
import { createIdempotency } from '../../src/index.js';
import { describeDoor } from './battery.js';
import type { Door, DoorAnswer } from './door.js';
import { createSdlSchema } from './sdl-schema.js';

const door: Door = {
  name: 'graphql-http',
  hasHeaders: true,
  takesBatches: false,
  async start(schema, options) {
    const idempotency = createIdempotency(options);
    idempotency.applyTo(schema);
    await idempotency.start();
    const server = createServer(serveGraphqlHttp(schema, idempotency));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      async send({ query, variables, key, user = 'alice' }) {
        const response = await fetch(`http://127.0.0.1:${String(port)}/`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: user,
            ...(key === undefined ? {} : { 'idempotency-key': key }),
          },
          body: JSON.stringify({ query, variables }),
        });
        const body = (await response.json()) as DoorAnswer;
        return { body, replayedHeader: response.headers.get('idempotent-replayed') };
      },
      async stop() {
        server.close();
        await idempotency.drain();
        server.closeAllConnections();
        await idempotency.close();
      },
    };
  },
};

describeDoor(door, createSdlSchema);
