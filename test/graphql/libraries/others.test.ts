import { delegateToSchema } from '@graphql-tools/delegate';
import { wrapSchema } from '@graphql-tools/wrap';
import { GraphQLError } from 'graphql';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { testFamily } from './samples.js';

const remote = wrapSchema({
  schema: makeExecutableSchema({
    typeDefs: `
      type Query { ping: String }
      type Thing { id: ID! amount: Int }
      type Mutation { pay: Thing }`,
    resolvers: { Mutation: { pay: () => ({ id: 'p1', amount: 5 }) } },
  }),
});

class ConflictError extends GraphQLError {}

/** As the Stripe SDK gives one: what the response was is there, and does not show. */
function stripeObject(): object {
  const charge = { id: 'ch_1', amount: 5, metadata: {}, refunds: { object: 'list', data: [] } };
  const lastResponse = { headers: { 'request-id': 'req_1' }, statusCode: 200 };
  return Object.defineProperty(charge, 'lastResponse', { value: lastResponse, enumerable: false });
}

testFamily('SDKs, other schemas and errors', [
  {
    ...{ library: 'Stripe', what: 'object, which hides lastResponse', kept: 'response' },
    make: stripeObject,
    fields: 'id: ID! amount: Int!',
    select: ['{ id amount }', '{ id }'],
  },
  {
    ...{ library: 'wrapSchema, stitchSchemas, delegateToSchema', what: 'result', kept: 'response' },
    make: (_, __, context, info): unknown =>
      delegateToSchema({ schema: remote, fieldName: 'pay', context: context as never, info }),
    fields: 'id: ID! amount: Int',
    select: ['{ key: id total: amount }', '{ id }'],
  },
  {
    ...{ library: 'graphql', what: 'GraphQLError with plain extensions, thrown', kept: 'value' },
    make: () => {
      throw new GraphQLError('No funds.', { extensions: { code: 'NO_FUNDS', missing: 5 } });
    },
    fields: 'id: ID! name: String',
    select: ['{ id }', '{ name }'],
  },
  {
    ...{ library: 'graphql', what: 'subclass of GraphQLError, thrown', kept: 'response' },
    make: () => {
      throw new ConflictError('Taken.', { extensions: { code: 'CONFLICT' } });
    },
    fields: 'id: ID! name: String',
    select: ['{ id }', '{ name }'],
    answersOthers: true,
  },
  {
    ...{ library: 'graphql', what: 'GraphQLError, returned', kept: 'value' },
    make: () => new GraphQLError('Gone.', { extensions: { code: 'GONE' } }),
    fields: 'id: ID! name: String',
    select: ['{ id }', '{ name }'],
  },
  {
    ...{ library: 'JavaScript', what: 'Error as a property', kept: 'response' },
    make: () => ({ error: new RangeError('Too much.') }),
    fields: 'message: String!',
    resolvers: { message: ({ error }: { error: Error }) => error.message },
    select: ['{ message }', '{ text: message }'],
  },
]);
