import type { ApolloClient, ErrorPolicy } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import type { ShownAnswer } from '../../intent/ends-intent.js';

/** What a caller is shown of the answer that a mutation resolves with. */
export function shownAnswer(
  { data, error, extensions }: ApolloClient.MutateResult,
  errorPolicy: ErrorPolicy | undefined,
): ShownAnswer {
  if (error !== undefined) return { ...shownError(error), data };
  return { data, extensions, hidesErrors: errorPolicy === 'ignore' };
}

/** What a caller is shown of the error that a mutation rejects with: nothing of its data. */
export function shownError(error: unknown): ShownAnswer {
  // Whatever else went wrong, nobody knows what became of the mutation.
  if (!CombinedGraphQLErrors.is(error)) return {};
  return { errors: error.errors, extensions: error.extensions };
}
