import type { GraphQLSchema } from 'graphql';
import type { Idempotency } from 'graphql-idempotency';
import { useServer } from 'graphql-ws/use/ws';
import type { WebSocketServer } from 'ws';

type Params = { readonly authorization?: string };

/** Serves a schema that the started Idempotency was applied to. */
export function serveGraphqlWs(
  schema: GraphQLSchema,
  idempotency: Idempotency,
  server: WebSocketServer,
): { dispose: () => void | Promise<void> } {
  return useServer<Params>(
    {
      schema,
      // A function, so that each operation has a context value of its own.
      context: ({ connectionParams }) => ({ user: connectionParams?.authorization ?? '' }),
      execute: async (args) => (await idempotency.execute(args)).result,
    },
    server,
  );
}
