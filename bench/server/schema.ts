import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { idempotentTypeDefs } from '../../src/index.js';
import { nextRelease } from './held.js';
import { pay, state, type PaymentInput, type StatementInput } from './ledger.js';
import type { Protect } from './protection.js';

/** The schema of every server; where the plugin protects it, its mutations are marked. */
function typeDefs(marked: boolean): string {
  const mark = marked ? '@idempotent' : '';
  return /* GraphQL */ `
    type Payer {
      id: ID!
      name: String!
    }
    type Payment {
      id: ID!
      reference: String!
      amount: Int!
      currency: String!
      status: String!
      createdAt: String!
      description: String!
      payer: Payer!
    }
    type Line {
      id: ID!
      text: String!
      amount: Int!
    }
    type Statement {
      id: ID!
      reference: String!
      lines: [Line!]!
    }
    input PaymentInput {
      idempotencyKey: String!
      amount: Int!
      currency: String!
      description: String!
    }
    input StatementInput {
      idempotencyKey: String!
      lines: Int!
    }
    type Query {
      payment: Payment!
    }
    type Mutation {
      createPayment(input: PaymentInput!): Payment! ${mark}
      createStatement(input: StatementInput!): Statement! ${mark}
      heldPayment(input: PaymentInput!): Payment! ${mark}
      unmarkedPayment(input: PaymentInput!): Payment!
    }
  `;
}

/** Builds it. */
export function buildSchema(marked: boolean, protect: Protect | undefined): GraphQLSchema {
  const run: Protect = protect ?? (async (_, effect) => effect());
  const known = pay({ idempotencyKey: 'known', amount: 1, currency: 'EUR', description: 'known' });
  return makeExecutableSchema({
    typeDefs: [...(marked ? [idempotentTypeDefs] : []), typeDefs(marked)],
    resolvers: {
      Query: { payment: () => Promise.resolve(known) },
      Mutation: {
        createPayment: (_: unknown, { input }: { readonly input: PaymentInput }) =>
          run(input.idempotencyKey, () => pay(input)),
        createStatement: (_: unknown, { input }: { readonly input: StatementInput }) =>
          run(input.idempotencyKey, () => state(input)),
        heldPayment: (_: unknown, { input }: { readonly input: PaymentInput }) =>
          run(input.idempotencyKey, () => nextRelease().then(() => pay(input))),
        unmarkedPayment: (_: unknown, { input }: { readonly input: PaymentInput }) =>
          Promise.resolve(pay(input)),
      },
    },
  });
}
