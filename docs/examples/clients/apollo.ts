import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import type { IdempotentOperations } from 'graphql-idempotency/client';
import { IdempotencyLink } from 'graphql-idempotency/client/apollo';

export function createClient(
  uri: string,
  idempotentOperations: IdempotentOperations, // both are generated: see codegen.md
  retryableOperations: ReadonlySet<string>,
): ApolloClient {
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      new IdempotencyLink({ operations: idempotentOperations }),
      // What fails in the network is sent again, with the same key; nothing that has none.
      new RetryLink({
        attempts: {
          retryIf: (_, { operationName = '' }) => retryableOperations.has(operationName),
        },
      }),
      new HttpLink({ uri }),
    ]),
  });
}
