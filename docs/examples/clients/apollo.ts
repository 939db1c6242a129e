import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { RetryLink } from '@apollo/client/link/retry';
import { IdempotencyLink, type IdempotentOperations } from 'graphql-idempotency/client';

export function createClient(
  uri: string,
  idempotentOperations: IdempotentOperations, // generated: see codegen.md
): ApolloClient {
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      new IdempotencyLink({ operations: idempotentOperations }),
      new RetryLink(), // what fails in the network is sent again, with the same key
      new HttpLink({ uri }),
    ]),
  });
}
