import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import cors from 'cors';
import express from 'express';

interface Context {
  readonly user: string;
}

/** Serves an Apollo Server that has the idempotencyPlugin. */
export async function serveWithExpress(
  apollo: ApolloServer<Context>,
  port: number,
): Promise<Server> {
  const app = express();
  const httpServer = createServer(app);
  apollo.addPlugin(ApolloServerPluginDrainHttpServer({ httpServer }));
  await apollo.start();
  app.use(
    '/graphql',
    cors({ exposedHeaders: ['Idempotent-Replayed'] }),
    express.json(),
    expressMiddleware(apollo, {
      context: ({ req }) => Promise.resolve({ user: req.headers.authorization ?? '' }),
    }),
  );
  httpServer.listen(port);
  await once(httpServer, 'listening');
  return httpServer;
}
