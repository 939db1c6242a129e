import { createServer } from 'node:http';
import { serveGraphqlHttp } from '../../docs/examples/servers/graphql-http.js';
import { createIdempotency } from '../../src/index.js';
import { describeDoor } from './battery.js';
import type { Door } from './door.js';
import { listen, postTo } from './http-client.js';
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
    const { send } = postTo(await listen(server));
    return {
      send,
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
