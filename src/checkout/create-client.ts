import { ApolloClient, InMemoryCache } from '@apollo/client';
import { ApolloLink } from '@apollo/client/link';
import { HttpLink } from '@apollo/client/link/http';
import { RetryLink } from '@apollo/client/link/retry';
import { OperationTypeNode } from 'graphql';
import { IdempotencyLink } from '../client/apollo/index.js';
import { attemptLink, attemptOf } from './attempts/attempt-link.js';
import type { AttemptLog } from './attempts/attempt-log.js';
import { idempotentOperations, retryableOperations } from './generated/idempotency.js';
import type { Faults } from './faults/faults.js';
import { freshKeyLink } from './faults/fresh-key-link.js';
import type { PaymentQueue } from './offline/payment-queue.js';

const RETRY_MS = { first: 300, most: 5_000 } as const;

/** The parts of the page that a client works with. */
interface ClientParts {
  readonly log: AttemptLog;
  readonly faults: Faults;
  readonly queue: PaymentQueue;
  /** Headers of every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Told after each attempt. */
  readonly onAttempt: () => void;
}

/** The client: keys, retries, a queue without a network, and what this page adds to see them. */
export function createClient({
  log,
  faults,
  queue,
  headers,
  onAttempt,
}: ClientParts): ApolloClient {
  const server = { uri: '/', headers };
  const payments = ApolloLink.from([
    new IdempotencyLink({
      operations: idempotentOperations,
      onRetry: ({ key, afterMs }) => {
        log.repeatsRefused(key, afterMs);
      },
    }),
    new RetryLink({
      attempts: { retryIf: (_, { operationName = '' }) => retryableOperations.has(operationName) },
      delay: (count, operation) => {
        const afterMs = retryMs(count);
        const attempt = attemptOf(operation);
        if (attempt !== undefined) log.repeats(attempt, afterMs);
        return afterMs;
      },
    }),
    freshKeyLink(faults.freshKeys),
    attemptLink(log, onAttempt),
    new HttpLink({ ...server, fetch: queue.fetch }),
  ]);
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.MUTATION,
      payments,
      new HttpLink(server),
    ),
  });
}

/** Doubled each time, and spread out. */
function retryMs(count: number): number {
  const delay = Math.min(RETRY_MS.first * 2 ** (count - 1), RETRY_MS.most);
  return Math.round(delay * (0.5 + Math.random() / 2));
}
