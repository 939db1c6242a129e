import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import type { IdempotentOperations } from 'graphql-idempotency/client';
import { IdempotencyLink } from 'graphql-idempotency/client/apollo';
import { OfflineQueue } from 'graphql-idempotency/client/offline';

export function createClient(
  uri: string,
  operations: IdempotentOperations, // generated: see codegen.md
  user: { readonly id: string; readonly authorization: () => string },
  show: (message: string) => void,
): { client: ApolloClient; queue: OfflineQueue } {
  const queue = new OfflineQueue({
    operations,
    name: `payments of ${user.id}`,
    headers: () => ({ authorization: user.authorization() }),
    onAnswer: ({ operationName }) => {
      show(`${operationName}: sent, now that there is a network.`);
    },
    onDropped: ({ operationName }) => {
      show(`${operationName}: too old to be sent. Look whether it was done.`);
    },
  });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([
      new IdempotencyLink({ operations }),
      new HttpLink({ uri, fetch: queue.fetch, headers: { authorization: user.authorization() } }),
    ]),
  });
  queue.start(); // sends what an earlier page has left
  return { client, queue };
}
