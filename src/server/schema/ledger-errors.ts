import { GraphQLError } from 'graphql';
import { LedgerInputError, LedgerRefusal } from '../ledger/records.js';

/** Runs `act`; what the ledger says about a request becomes a GraphQL error with a code. */
export function withLedgerErrors<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof LedgerInputError) throw badUserInput(error.message);
    if (error instanceof LedgerRefusal) {
      throw new GraphQLError(error.message, { extensions: { code: error.code } });
    }
    throw error;
  }
}

/** A request that makes no sense. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
