import type { IdempotentOperations, ShownAnswer } from 'graphql-idempotency/client';
import { withIdempotency } from 'graphql-idempotency/client/fetch';

/** Creates what sends one operation; calls with one key are one intent. */
export function createSender(
  url: string,
  operations: IdempotentOperations, // generated: see codegen.md
  headers: Readonly<Record<string, string>>,
) {
  const send = withIdempotency(fetch, { operations });
  return async (query: string, variables: object, key?: string): Promise<ShownAnswer> => {
    const response = await send(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as ShownAnswer;
  };
}
