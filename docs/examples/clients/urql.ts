import {
  Client,
  fetchExchange,
  makeOperation,
  mapExchange,
  type CombinedError,
  type Operation,
} from '@urql/core';
import { retryExchange } from '@urql/exchange-retry';

/** Gives each mutation a key; the caller's, if there is one in its context. */
function withKey(operation: Operation): Operation {
  if (operation.kind !== 'mutation') return operation;
  const { fetchOptions, idempotencyKey = crypto.randomUUID() } = operation.context;
  const given = typeof fetchOptions === 'function' ? fetchOptions() : fetchOptions;
  const headers = new Headers(given?.headers);
  headers.set('idempotency-key', String(idempotencyKey));
  return makeOperation(operation.kind, operation, {
    ...operation.context,
    fetchOptions: { ...given, headers: Object.fromEntries(headers) },
  });
}

/** What can be cured by sending the same again: a lost answer, or a refusal for now. */
function isRetryable({ networkError, graphQLErrors }: CombinedError): boolean {
  return (
    networkError !== undefined ||
    graphQLErrors.every(({ extensions }) => extensions['retryable'] === true)
  );
}

export function createClient(url: string, authorization: string): Client {
  return new Client({
    url,
    fetchOptions: { headers: { authorization } },
    exchanges: [
      mapExchange({ onOperation: withKey }), // before the retries: they keep the key
      retryExchange({ initialDelayMs: 500, maxNumberAttempts: 5, retryIf: isRetryable }),
      fetchExchange,
    ],
  });
}
