import type { ApolloServerPlugin, GraphQLRequestContextDidResolveOperation } from '@apollo/server';
import { getNullableType, getVariableValues, GraphQLError, isListType } from 'graphql';
import {
  fieldExtensionsEstimator,
  getComplexity,
  type ComplexityEstimator,
} from 'graphql-query-complexity';

/**
 * The largest number of tokens in a document. It bounds the time that validation takes, which grows
 * faster than the document. The introspection query of tools has 184.
 */
export const TOKENS_MAX = 1_000;

/**
 * The highest cost of a document: a field costs 1 plus its selection, a list doubles that, and
 * resolvers declare more by `complexity`. A page of 100 payments with everything in it costs 4 400, the
 * introspection query of tools 991.
 */
const COST_MAX = 5_000;

/** For lists whose length nobody knows: refunds of a payment, accounts, types of the schema. */
const LIST_FACTOR = 2;

const fieldCost: ComplexityEstimator = ({ field, childComplexity }) =>
  1 + childComplexity * (isListType(getNullableType(field.type)) ? LIST_FACTOR : 1);

/** Refuses documents that cost too much before anything in them runs, by aliases, depth or fragments. */
export function queryLimits(): ApolloServerPlugin {
  return {
    requestDidStart: () =>
      Promise.resolve({
        didResolveOperation(request) {
          check(request);
          return Promise.resolve();
        },
      }),
  };
}

function check({
  schema,
  document,
  operation,
  operationName,
  request: { variables = {} },
}: GraphQLRequestContextDidResolveOperation<object>): void {
  // Execution refuses these, and says everything that is wrong with them.
  const { errors } = getVariableValues(schema, operation?.variableDefinitions ?? [], variables);
  if (errors !== undefined) return;
  let cost: number;
  try {
    cost = getComplexity({
      schema,
      query: document,
      variables,
      ...(operationName !== null && { operationName }),
      estimators: [fieldExtensionsEstimator(), fieldCost],
    });
  } catch (error) {
    throw refusal(error instanceof Error ? error.message : String(error), 'BAD_USER_INPUT');
  }
  if (cost <= COST_MAX) return;
  const message = `The document costs ${cost}, and may cost ${COST_MAX}: ask for fewer fields, or in several requests.`;
  throw refusal(message, 'QUERY_TOO_EXPENSIVE');
}

function refusal(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status: 400 } } });
}
