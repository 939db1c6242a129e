import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { idempotencyPlugin, idempotentTypeDefs } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import type { Redis } from 'ioredis';

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

  type Payment @key(fields: "id") { id: ID!, amount: Int!, payer: User! }
  type User @key(fields: "id", resolvable: false) { id: ID! }
  type Query {
    payment(id: ID!): Payment
  }
  type Mutation {
    pay(amount: Int!, idempotencyKey: String): Payment! @idempotent
    refund(payment: ID!): Payment @idempotent(waitMs: 0)
  }
`;

interface Payment {
  readonly id: string;
  readonly amount: number;
  readonly payer: { readonly id: string };
}

export interface PaymentsContext {
  /** The end user, from what the gateway forwards; never the gateway itself. */
  readonly user: string;
  readonly bank: {
    pay(user: string, amount: number): Promise<Payment>;
    refund(payment: string): Promise<Payment>;
  };
}

const resolvers = {
  Mutation: {
    pay: (_: unknown, { amount }: { amount: number }, { bank, user }: PaymentsContext) =>
      bank.pay(user, amount),
    refund: (_: unknown, { payment }: { payment: string }, { bank }: PaymentsContext) =>
      bank.refund(payment),
  },
};

export const paymentsSchema = buildSubgraphSchema([
  parse(idempotentTypeDefs),
  { typeDefs: parse(typeDefs), resolvers },
]);

export function paymentsSubgraph(redis: Redis): ApolloServer<PaymentsContext> {
  return new ApolloServer<PaymentsContext>({
    schema: paymentsSchema,
    plugins: [
      idempotencyPlugin<PaymentsContext>({
        store: new RedisStore(redis, { service: 'payments' }),
        scope: ({ user }) => user,
      }),
    ],
  });
}
