import type { Server } from 'node:http';
import type { ApolloServer } from '@apollo/server';
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import fastify from 'fastify';

interface Context {
  readonly user: string;
}

/** Serves an Apollo Server that has the idempotencyPlugin. */
export async function serveWithFastify(
  apollo: ApolloServer<Context>,
  port: number,
): Promise<Server> {
  const app = fastify();
  apollo.addPlugin(fastifyApolloDrainPlugin(app));
  await apollo.start();
  // With @fastify/cors: { exposedHeaders: ['Idempotent-Replayed'] }.
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('access-control-expose-headers', 'Idempotent-Replayed');
  });
  await app.register(fastifyApollo(apollo), {
    path: '/graphql',
    context: (request) => Promise.resolve({ user: request.headers.authorization ?? '' }),
  });
  await app.listen({ port });
  return app.server;
}
