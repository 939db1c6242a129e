import { GraphQLError } from 'graphql';
import { LedgerInputError, type Refused } from '../ledger/records.js';

/** Runs `act`; what the ledger says about a request that makes no sense becomes a GraphQL error. */
export async function withLedgerErrors<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof LedgerInputError) throw badUserInput(error.message);
    throw error;
  }
}

/** A refusal of the ledger, for clients. */
export function refusal({ code, message }: Refused): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** A request that makes no sense. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
