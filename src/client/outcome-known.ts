import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { idempotencyReports, type AnswerLike } from './reports.js';

/** What `client.mutate` resolves with. */
export interface MutationAnswer extends AnswerLike {
  readonly data?: unknown;
  readonly error?: unknown;
}

/**
 * Whether an answer says what became of the mutation, so that its key has done its work. A business
 * error that was recorded is an outcome; a refusal, a network error and an error that nobody
 * recorded are not: the same key is then the safe one to try again with.
 */
export function outcomeKnown({ data, error, ...answer }: MutationAnswer): boolean {
  const reports = idempotencyReports(answer);
  if (Object.values(reports).some(({ status }) => status === 'rejected')) return false;
  // Under the policy that ignores errors, null may be one that nobody recorded.
  const isAnswer = ([responseKey, value]: [string, unknown]): boolean =>
    value != null || Object.hasOwn(reports, responseKey);
  if (error === undefined) return data != null && Object.entries(data).every(isAnswer);
  if (!CombinedGraphQLErrors.is(error)) return false;
  const answered = { ...idempotencyReports(error), ...reports };
  return error.errors.every(({ path }) => {
    const status = answered[String(path?.[0])]?.status;
    return status !== undefined && status !== 'rejected';
  });
}
