import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import { applyIdempotency, idempotencyPlugin, idempotentTypeDefs } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import { Redis } from 'ioredis';

const { PORT = '4000', REDIS_URL = 'redis://localhost:6379' } = process.env;
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: 1, socketTimeout: 3_000 });

interface Context {
  readonly user: { readonly id: string; readonly mayPay: boolean } | undefined;
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
    refundPayment(id: ID!): Payment! @idempotent(required: true)
  }
`;

const payments: Payment[] = [];

function pay(amount: number): Payment {
  const payment = { id: String(payments.length + 1), amount };
  payments.push(payment);
  return payment;
}

const resolvers = {
  Query: { payments: () => payments },
  Mutation: {
    createPayment: (_parent: unknown, { amount }: { amount: number }) => pay(amount),
    refundPayment(_parent: unknown, { id }: { id: string }) {
      return pay(-(payments.find((payment) => payment.id === id)?.amount ?? 0));
    },
  },
};

/** The application's own: nobody changes anything who may not pay. */
function addGuards(schema: GraphQLSchema): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.MUTATION_ROOT_FIELD]: ({ resolve = defaultFieldResolver, ...field }) => ({
      ...field,
      resolve(source, args: object, context: Context, info) {
        if (context.user?.mayPay !== true) throw new Error('You may not pay.');
        return resolve(source, args, context, info);
      },
    }),
  });
}

// Idempotency inside, guards outside: they run for every request, also for one that is a replay.
const schema = addGuards(
  applyIdempotency(makeExecutableSchema({ typeDefs: [idempotentTypeDefs, typeDefs], resolvers })),
);

const idempotency = idempotencyPlugin<Context>({
  store: new RedisStore(redis, { service: 'payments' }),
  scope: ({ user }) => user?.id,
  required: false, // for now: who sends no key is served as before
  onEvent(event) {
    if (event.type === 'missingKey') console.warn(`no key: ${event.operation}`);
  },
});

const server = new ApolloServer<Context>({ schema, plugins: [idempotency] });

async function main(): Promise<void> {
  const { url } = await startStandaloneServer(server, {
    listen: { port: Number(PORT) },
    context: ({ req: { headers } }) => {
      const id = headers.authorization;
      return Promise.resolve({ user: id ? { id, mayPay: id !== 'mallory' } : undefined });
    },
  });
  console.log(`ready at ${url}`);
}

void main();
