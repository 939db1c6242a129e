import {
  ClientError,
  type GraphQLClient,
  type RequestDocument,
  type Variables,
} from 'graphql-request';

/** Sends one intent: with the same key, until its answer is known. */
export async function requestOnce<TData>(
  client: GraphQLClient,
  document: RequestDocument,
  variables: Variables,
  options: { key?: string; attemptsMax?: number } = {},
): Promise<TData> {
  const { key = crypto.randomUUID(), attemptsMax = 5 } = options;
  const requestHeaders = { 'idempotency-key': key };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.request<TData>({ document, variables, requestHeaders });
    } catch (error) {
      // Whatever is no answer of GraphQL is a request, or an answer, that was lost.
      const errors = error instanceof ClientError ? (error.response.errors ?? []) : [];
      const refused = errors.every(({ extensions }) => extensions['retryable'] === true);
      if (!refused || attempt >= attemptsMax) throw error;
      const waits = errors.map(({ extensions }) => Number(extensions['retryAfterMs'] ?? 0));
      const waitMs = Math.max(250 * 2 ** attempt, ...waits);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}
