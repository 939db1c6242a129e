import fastify, { type FastifyInstance } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { IdempotencyStore } from 'graphql-idempotency';
import { mercuriusIdempotency } from 'graphql-idempotency/mercurius';
import mercurius from 'mercurius';

interface Context {
  readonly user: string;
}

/** Serves a schema, with its resolvers, at `/graphql`. */
export async function createApp(
  schema: GraphQLSchema,
  store: IdempotencyStore,
): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(mercurius, {
    schema,
    context: ({ headers }): Context => ({ user: headers.authorization ?? '' }),
  });
  await app.register(mercuriusIdempotency<Context>, { store, scope: ({ user }) => user });
  return app;
}
