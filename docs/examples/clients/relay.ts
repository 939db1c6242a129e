import type { IdempotentOperations } from 'graphql-idempotency/client';
import { idempotentFetch } from 'graphql-idempotency/client/relay';
import { Environment, Network, RecordSource, Store, type GraphQLResponse } from 'relay-runtime';

export function createEnvironment(
  url: string,
  operations: IdempotentOperations, // generated: see codegen.md
  authorization: string,
): Environment {
  const fetchFunction = idempotentFetch(
    async ({ text, name }, variables, { headers }): Promise<GraphQLResponse> => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ query: text, operationName: name, variables }),
      });
      return (await response.json()) as GraphQLResponse;
    },
    { operations },
  );
  return new Environment({
    network: Network.create(fetchFunction),
    store: new Store(new RecordSource()),
  });
}
