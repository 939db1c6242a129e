import { ApolloLink } from '@apollo/client/link';
import { tap } from 'rxjs';
import type { CreatePaymentMutationVariables } from '../generated/graphql.js';
import { endOfAnswer, endOfError } from './attempt-end.js';
import type { AttemptEnd, AttemptLog } from './attempt-log.js';

/**
 * Notes what goes over the wire, and how it ends. Belongs right before the `HttpLink`: everything
 * above may send an operation again.
 *
 * @param onEnd - told after each attempt
 */
export function attemptLink(log: AttemptLog, onEnd: () => void): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const { input, key } = operation.variables as CreatePaymentMutationVariables;
    const wireKey = key ?? '';
    const order = {
      id: operation.getContext().idempotencyKey ?? wireKey,
      amount: input.amount,
      reference: input.reference ?? null,
    };
    const id = log.sent(order, wireKey);
    operation.setContext({ attemptId: id });
    const end = (how: AttemptEnd): void => {
      log.ended(id, how);
      onEnd();
    };
    return forward(operation).pipe(
      tap({
        next: (result) => {
          end(endOfAnswer(result));
        },
        error: (error: unknown) => {
          end(endOfError(error));
        },
      }),
    );
  });
}

/** The attempt that an operation was last sent as, if {@link attemptLink} has sent it. */
export function attemptOf(operation: ApolloLink.Operation): number | undefined {
  const id: unknown = operation.getContext()['attemptId'];
  return typeof id === 'number' ? id : undefined;
}
