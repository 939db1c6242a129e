import { GraphQLClient } from 'graphql-request';
import type { IdempotentOperations } from 'graphql-idempotency/client';
import { withIdempotency } from 'graphql-idempotency/client/fetch';

export function createClient(
  url: string,
  operations: IdempotentOperations, // generated: see codegen.md
  authorization: string,
): GraphQLClient {
  return new GraphQLClient(url, {
    headers: { authorization },
    fetch: withIdempotency(fetch, { operations }),
  });
}
