import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { idempotencyPlugin, idempotentTypeDefs } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import { Redis } from 'ioredis';

const { PORT = '4000', REDIS_URL = 'redis://localhost:6379' } = process.env;
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: 1, socketTimeout: 3_000 });

interface Context {
  readonly user: string;
}

interface Payment {
  readonly id: string;
  readonly amount: number;
}

const typeDefs = `
  type Payment { id: ID!, amount: Int! }
  type Query { payments: [Payment!]! }
  type Mutation {
    createPayment(amount: Int!): Payment! @idempotent
  }
`;

const payments: Payment[] = [];

const resolvers = {
  Query: { payments: () => payments },
  Mutation: {
    createPayment(_parent: unknown, { amount }: { amount: number }): Payment {
      const payment = { id: String(payments.length + 1), amount };
      payments.push(payment);
      return payment;
    },
  },
};

const server = new ApolloServer<Context>({
  typeDefs: [idempotentTypeDefs, typeDefs],
  resolvers,
  plugins: [
    idempotencyPlugin<Context>({
      store: new RedisStore(redis, { service: 'payments' }),
      scope: ({ user }) => user,
    }),
  ],
});

async function main(): Promise<void> {
  const { url } = await startStandaloneServer(server, {
    listen: { port: Number(PORT) },
    context: ({ req }) => Promise.resolve({ user: req.headers.authorization ?? '' }),
  });
  console.log(`ready at ${url}`);
}

void main();
