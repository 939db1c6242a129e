import type { ApolloClient, TypedDocumentNode } from '@apollo/client';
import { idempotencyReports, isReplay, type IdempotencyReport } from 'graphql-idempotency/client';
import { IdempotencyLink } from 'graphql-idempotency/client/apollo';

const MARKED = new Set<string | undefined>(['CreatePayment', 'Refund']);

export const link = new IdempotencyLink({
  isIdempotent: ({ operationName }) => MARKED.has(operationName),
});

/** Pays, and says whether that had been done before. */
export async function payOnce(
  client: ApolloClient,
  mutation: TypedDocumentNode<{ createPayment: { id: string } }, { input: object }>,
  input: object,
): Promise<[boolean, IdempotencyReport | undefined]> {
  const answer = await client.mutate({ mutation, variables: { input } });
  const before = isReplay(answer); // true: it had happened before
  const report = idempotencyReports(answer)['createPayment']; // { status, attempt, expiresAt, waited? }
  return [before, report];
}
