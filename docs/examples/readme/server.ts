import { startStandaloneServer } from '@apollo/server/standalone';
import { resolvers, typeDefs, type Context } from './payments.js';
import { ApolloServer } from '@apollo/server';
import { idempotencyPlugin, idempotentTypeDefs } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import { Redis } from 'ioredis';

const { REDIS_URL = 'redis://localhost:6379' } = process.env;

const server = new ApolloServer<Context>({
  typeDefs: [idempotentTypeDefs, typeDefs],
  resolvers,
  plugins: [
    idempotencyPlugin<Context>({
      store: new RedisStore(new Redis(REDIS_URL), { service: 'payments' }),
      scope: ({ user }) => user, // whose key it is: nobody gets a stranger's answer
    }),
  ],
});

void startStandaloneServer(server, {
  listen: { port: Number(process.env['PORT'] ?? 4000) },
  context: ({ req }) => Promise.resolve({ user: req.headers.authorization ?? '' }),
}).then(({ url }) => {
  console.log(`ready at ${url}`);
});
