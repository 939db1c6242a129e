import { cacheExchange, Client, fetchExchange, getOperationName } from '@urql/core';
import { retryExchange } from '@urql/exchange-retry';
import type { IdempotentOperations } from 'graphql-idempotency/client';
import { idempotencyExchange } from 'graphql-idempotency/client/urql';

export function createClient(
  url: string,
  idempotentOperations: IdempotentOperations, // both are generated: see codegen.md
  retryableOperations: ReadonlySet<string>,
  authorization: string,
): Client {
  return new Client({
    url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    exchanges: [
      cacheExchange,
      idempotencyExchange({ operations: idempotentOperations }),
      // What fails in the network is sent again, with the same key; nothing that has none.
      retryExchange({
        initialDelayMs: 500,
        retryIf: ({ networkError }, { query }) =>
          networkError !== undefined && retryableOperations.has(getOperationName(query) ?? ''),
      }),
      fetchExchange,
    ],
  });
}
