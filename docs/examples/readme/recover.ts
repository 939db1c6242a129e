import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import type { GraphQLResolveInfo } from 'graphql';
import { idempotencyOf, idempotencyPlugin, idempotentTypeDefs } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import { Redis } from 'ioredis';

const { REDIS_URL = 'redis://localhost:6379', DIE_AFTER_PAYING } = process.env;

interface Payment {
  readonly id: string;
  readonly amount: number;
}

interface Context {
  readonly user: string;
  readonly payments: PaymentTable;
}

const redis = new Redis(REDIS_URL);

/** A table with one row for a caller and a key. */
class PaymentTable {
  async find(caller: string, key: string): Promise<Payment | undefined> {
    const row = await redis.hget('payments', JSON.stringify([caller, key]));
    return row === null ? undefined : (JSON.parse(row) as Payment);
  }

  async insert(caller: string, key: string, amount: number): Promise<Payment> {
    const payment = { id: String(await redis.incr('payment ids')), amount };
    await redis.hset('payments', JSON.stringify([caller, key]), JSON.stringify(payment));
    return payment;
  }

  count(): Promise<number> {
    return redis.hlen('payments');
  }
}

const typeDefs = `
  type Payment { id: ID!, amount: Int! }
  type Query { payments: Int! }
  type Mutation {
    createPayment(amount: Int!): Payment! @idempotent(leaseMs: 2000)
  }
`;

const resolvers = {
  Query: {
    payments: (_parent: unknown, _args: unknown, { payments }: Context): Promise<number> =>
      payments.count(),
  },
  Mutation: {
    async createPayment(
      _parent: unknown,
      { amount }: { amount: number },
      { user, payments }: Context,
      info: GraphQLResolveInfo,
    ): Promise<Payment> {
      const key = idempotencyOf(info)?.key ?? '';
      const payment = await payments.insert(user, key, amount);
      if (DIE_AFTER_PAYING !== undefined) process.exit(1);
      return payment;
    },
  },
};

const idempotency = idempotencyPlugin<Context>({
  store: new RedisStore(redis, { service: 'payments' }),
  scope: ({ user }) => user,
  recover: {
    // Asked once the server that had the request is dead.
    'Mutation.createPayment': async ({ scope, key, context }) => {
      const payment = await context.payments.find(scope, key);
      return payment ? { value: payment } : 'RERUN'; // or { error }, or 'UNKNOWN'
    },
  },
});

const server = new ApolloServer<Context>({
  typeDefs: [idempotentTypeDefs, typeDefs],
  resolvers,
  plugins: [idempotency],
});

void startStandaloneServer(server, {
  listen: { port: Number(process.env['PORT'] ?? 4000) },
  context: ({ req }) =>
    Promise.resolve({ user: req.headers.authorization ?? '', payments: new PaymentTable() }),
}).then(({ url }) => {
  console.log(`ready at ${url}`);
});
