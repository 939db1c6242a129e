import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { applyIdempotency, idempotentTypeDefs } from '../../src/index.js';
import type { DoorContext } from './door.js';
import type { Payments, Result } from './payments.js';

/** The schema of these tests, marks included. */
const typeDefs = `
  scalar DateTimeISO
  type Payment { id: ID!, amount: Int!, at: DateTimeISO! }
  type Declined { reason: String! }
  union PayResult = Payment | Declined
  type Query { ping: String }
  type Mutation {
    pay(amount: Int!, idempotencyKey: String): PayResult! @idempotent
    log(line: String!): Int
  }
`;

/** SDL with a guard that a transformer puts around the resolver, as auth directives do. */
export function createSdlSchema(payments: Payments): GraphQLSchema {
  const schema = applyIdempotency(
    makeExecutableSchema({
      typeDefs: [idempotentTypeDefs, typeDefs],
      resolvers: {
        DateTimeISO: GraphQLDateTimeISO,
        PayResult: { __resolveType: ({ kind }: Result) => kind },
        Query: { ping: () => 'pong' },
        Mutation: {
          pay: (_: unknown, { amount }: { amount: number }) => payments.pay(amount),
          log: () => 1,
        },
      },
    }),
  );
  const pay = schema.getMutationType()?.getFields()['pay'];
  const resolve = pay?.resolve;
  if (pay === undefined || resolve == null) throw new Error('pay has no resolver.');
  pay.resolve = (source, args, context, info) => {
    if (!payments.admits((context as DoorContext).user)) {
      throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN' } });
    }
    return resolve(source, args, context, info);
  };
  return schema;
}
