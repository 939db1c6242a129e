import { startStandaloneServer } from '@apollo/server/standalone';
import { resolvers, typeDefs, type Context } from './payments.js';
import { ApolloServer } from '@apollo/server';
import { idempotencyPlugin, idempotentTypeDefs } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import { Redis } from 'ioredis';

const { REDIS_URL = 'redis://localhost:6379' } = process.env;
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: 1, socketTimeout: 3_000 });

const server = new ApolloServer<Context>({
  typeDefs: [idempotentTypeDefs, typeDefs],
  resolvers,
  plugins: [
    idempotencyPlugin<Context>({
      store: new RedisStore(redis, { service: 'payments' }),
      scope: ({ user }) => user, // the caller's id, a string: nobody gets another caller's answer
    }),
  ],
});

void startStandaloneServer(server, {
  listen: { port: Number(process.env['PORT'] ?? 4000) },
  context: ({ req }) => Promise.resolve({ user: req.headers.authorization ?? '' }),
}).then(({ url }) => {
  console.log(`ready at ${url}`);
});
