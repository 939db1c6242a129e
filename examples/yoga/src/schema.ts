import { GraphQLError, type GraphQLSchema } from 'graphql';
import { applyIdempotency, idempotencyOf, idempotentTypeDefs } from 'graphql-idempotency';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { createSchema } from 'graphql-yoga';
import type { Ledger, PayResult } from './ledger.js';

/** Who calls. */
export interface Context {
  readonly user: string;
}

const typeDefs = `
  scalar DateTimeISO
  type Payment { id: ID!, amount: Int!, at: DateTimeISO! }
  type Declined { reason: String! }
  union PayResult = Payment | Declined
  type Query { payments: Int! }
  type Mutation {
    pay(amount: Int!, idempotencyKey: String): PayResult! @idempotent
    closeAccount: Boolean!
  }
`;

/** The schema: doors first, so that the guard stands around them and is asked for replays too. */
export function createPaymentsSchema(ledger: Ledger): GraphQLSchema {
  const schema = createSchema<Context>({
    typeDefs: [idempotentTypeDefs, typeDefs],
    resolvers: {
      DateTimeISO: GraphQLDateTimeISO,
      PayResult: { __resolveType: ({ kind }: PayResult) => kind },
      Query: { payments: (_, __, { user }) => ledger.countPayments(user) },
      Mutation: {
        pay: (_, { amount }: { amount: number }, { user }, info) =>
          ledger.pay(idempotencyOf(info), user, amount),
        closeAccount: (_, __, { user }) => ledger.closeAccount(user),
      },
    },
  });
  return guardMutations(applyIdempotency(schema), ledger);
}

/** Lets only callers with an open account into mutations. */
function guardMutations(schema: GraphQLSchema, ledger: Ledger): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    field.resolve = (source, args, context: Context, info) => {
      if (!ledger.isOpen(context.user)) {
        throw new GraphQLError('The account is closed.', { extensions: { code: 'FORBIDDEN' } });
      }
      return resolve?.(source, args, context, info);
    };
  }
  return schema;
}
