import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import type { GraphQLResolveInfo } from 'graphql';
import { idempotencyOf, idempotencyPlugin, idempotentTypeDefs } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import { Redis } from 'ioredis';

const { PORT = '4000', PROVIDER_URL = '', REDIS_URL = '' } = process.env;

const typeDefs = `
  type Charge { id: ID!, amount: Int! }
  type Query { ping: String }
  type Mutation {
    charge(amount: Int!): Charge! @idempotent(onCrash: RERUN, leaseMs: 2000)
  }
`;

interface Charge {
  readonly id: string;
  readonly amount: number;
}

/** Calls the provider, which acts once per key and answers a repetition with the first result. */
async function ask<T>(path: string, key: string, signal: AbortSignal, body: object): Promise<T> {
  const response = await fetch(new URL(path, PROVIDER_URL), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) throw new Error(`The provider answered ${String(response.status)}.`);
  return (await response.json()) as T;
}

const resolvers = {
  Mutation: {
    async charge(
      _parent: unknown,
      { amount }: { amount: number },
      _context: unknown,
      info: GraphQLResolveInfo,
    ): Promise<Charge> {
      const execution = idempotencyOf(info);
      if (execution === undefined) throw new Error('The mutation is not marked.');
      const { step, downstreamKey, signal } = execution;
      // If the process dies here, the next attempt asks again with the same key: one charge.
      const charge = await step('charge', () =>
        ask<Charge>('/charges', downstreamKey('charge'), signal, { amount }),
      );
      // If it dies here, the next attempt has the charge from the record and does not ask again.
      await step('receipt', () =>
        ask('/receipts', downstreamKey('receipt'), signal, { charge: charge.id }),
      );
      return charge;
    },
  },
};

async function main(): Promise<void> {
  const server = new ApolloServer({
    typeDefs: [idempotentTypeDefs, typeDefs],
    resolvers,
    plugins: [
      idempotencyPlugin<{ user: string }>({
        store: new RedisStore(new Redis(REDIS_URL), { service: 'payments' }),
        scope: ({ user }) => user,
      }),
    ],
  });
  const { url } = await startStandaloneServer(server, {
    listen: { port: Number(PORT) },
    context: ({ req }) => Promise.resolve({ user: req.headers.authorization ?? '' }),
  });
  console.log(`ready at ${url}`);
}

void main();
