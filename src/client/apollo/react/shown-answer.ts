import type { ApolloClient, ErrorPolicy } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import type { ShownAnswer } from '../../intent/ends-intent.js';

/** The part of an answer that the caller of a mutation sees. */
export function shownAnswer(
  { data, error, extensions }: ApolloClient.MutateResult,
  errorPolicy: ErrorPolicy | undefined,
): ShownAnswer {
  if (error !== undefined) return { ...shownError(error), data };
  return { data, extensions, hidesErrors: errorPolicy === 'ignore' };
}

/** The part of an error that the caller of a mutation sees: nothing of its data. */
export function shownError(error: unknown): ShownAnswer {
  // Whatever else went wrong, nobody knows what became of the mutation.
  if (!CombinedGraphQLErrors.is(error)) return {};
  return { errors: error.errors, extensions: error.extensions };
}
