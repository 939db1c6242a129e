import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { GraphQLSchema } from 'graphql';
import { useIdempotency } from '../../src/yoga/index.js';
import { describeDoor } from './battery.js';
import type { Door, DoorContext } from './door.js';
import { listen, postTo, userOf } from './http-client.js';
import { createSdlSchema } from './sdl-schema.js';

/** Loaded without its types: they declare another shape of `extensions.http` than Apollo's. */
const { createYoga } = createRequire(__filename)('graphql-yoga') as {
  createYoga: (options: {
    schema: GraphQLSchema;
    batching: boolean;
    logging: boolean;
    context: (initial: { request: Request }) => DoorContext;
    plugins: readonly object[];
  }) => RequestListener & { dispose: () => Promise<void> };
};

const door: Door = {
  name: 'GraphQL Yoga',
  hasHeaders: true,
  takesBatches: true,
  async start(schema, options) {
    const yoga = createYoga({
      schema,
      batching: true,
      logging: false,
      context: ({ request }) => ({ user: userOf(request.headers.get('authorization')) }),
      plugins: [useIdempotency<DoorContext>(options)],
    });
    const server = createServer(yoga);
    const url = await listen(server);
    return {
      ...postTo(url),
      async stop() {
        server.close();
        await yoga.dispose();
        server.closeAllConnections();
      },
    };
  },
};

describeDoor(door, createSdlSchema);
